"""Addresses of the site's pages."""

from __future__ import annotations

from django.contrib.sitemaps.views import sitemap
from django.urls import path

from portfolio import views
from portfolio.sitemaps import PageSitemap, ProjectSitemap

app_name = "portfolio"

urlpatterns = [
    path("", views.HomePage.as_view(), name="home"),
    path("about/", views.AboutPage.as_view(), name="about"),
    path("projects/", views.ProjectsPage.as_view(), name="projects"),
    path("projects/<slug:slug>/", views.ProjectPage.as_view(), name="project"),
    path("resume/", views.ResumePage.as_view(), name="resume"),
    path("resume/download/", views.ResumeDownload.as_view(), name="resume-download"),
    path("chat/", views.ChatPage.as_view(), name="chat"),
    path("job-analysis/", views.job_analysis, name="job-analysis"),
    path("contact/", views.ContactPage.as_view(), name="contact"),
    path("privacy/", views.privacy, name="privacy"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", sitemap, {"sitemaps": {"pages": PageSitemap, "projects": ProjectSitemap}}, name="sitemap"),
]
