"""What visitors may send, checked once for pages and API alike."""

from __future__ import annotations

from typing import Any, Final

from django import forms

from portfolio.models import ContactMessage, Project

MAX_QUESTION: Final = 1000


class ChatForm(forms.Form):
    question = forms.CharField(
        max_length=MAX_QUESTION,
        widget=forms.TextInput(attrs={"placeholder": "How many years with Python?", "autocomplete": "off"}),
        label="Your question",
    )
    project = forms.ModelChoiceField(
        Project.objects.all(), to_field_name="slug", required=False, widget=forms.HiddenInput
    )


class JobForm(forms.Form):
    """A pasted text or a file; the file wins when both are given."""

    job_requirements = forms.CharField(
        required=False,
        strip=False,
        label="Job description",
        widget=forms.Textarea(attrs={"rows": 12, "placeholder": "Paste the whole job description here."}),
    )
    file = forms.FileField(
        required=False,
        label="or a text or PDF file",
        widget=forms.ClearableFileInput(attrs={"accept": ".pdf,.txt,.md,text/plain,application/pdf"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not cleaned.get("file") and not cleaned.get("job_requirements", "").strip():
            raise forms.ValidationError("Paste a job description or choose a file.", code="required")
        return cleaned


class ContactForm(forms.ModelForm):  # type: ignore[type-arg]  # Django's own is not generic
    class Meta:
        model = ContactMessage
        fields = ("name", "email", "company", "message")
        labels = {"name": "Your name", "email": "Your e-mail address", "company": "Company (optional)"}
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "email": forms.EmailInput(attrs={"autocomplete": "email"}),
            "company": forms.TextInput(attrs={"autocomplete": "organization"}),
            "message": forms.Textarea(attrs={"rows": 7}),
        }
