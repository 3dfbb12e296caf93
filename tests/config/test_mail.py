"""One URL gives the mail settings of either Django."""

from __future__ import annotations

from config.mail import CONSOLE, SMTP, mail_settings

URL = "smtp+tls://me%40example.com:p%3Aw@mail.example.com"


def test_the_settings_of_django_5() -> None:
    assert mail_settings(URL, has_mailers=False) == {
        "EMAIL_BACKEND": SMTP,
        "EMAIL_HOST": "mail.example.com",
        "EMAIL_PORT": 587,
        "EMAIL_HOST_USER": "me@example.com",
        "EMAIL_HOST_PASSWORD": "p:w",
        "EMAIL_USE_TLS": True,
        "EMAIL_USE_SSL": False,
        "EMAIL_TIMEOUT": 10,
    }


def test_the_settings_of_django_6_1() -> None:
    mailer = mail_settings("smtps://mail.example.com", has_mailers=True)["MAILERS"]["default"]
    assert (mailer["BACKEND"], mailer["OPTIONS"]["port"], mailer["OPTIONS"]["use_ssl"]) == (SMTP, 465, True)
    assert set(mailer["OPTIONS"]) == {"host", "port", "username", "password", "use_tls", "use_ssl", "timeout"}


def test_without_a_server_mails_go_to_the_console() -> None:
    assert mail_settings("", has_mailers=False) == {"EMAIL_BACKEND": CONSOLE}
    assert mail_settings("", has_mailers=True) == {"MAILERS": {"default": {"BACKEND": CONSOLE, "OPTIONS": {}}}}
