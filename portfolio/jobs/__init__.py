"""The job analysis: what a job description asks for, and how far the profile on this site meets it."""
