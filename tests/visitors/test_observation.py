"""What is kept of a request: cut, cleaned, and without what could name a person."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visitors.observation import (
    HOST_LIMIT,
    PAGE,
    PROBE,
    DropReason,
    campaign_of,
    clean,
    clean_host,
    host_of,
    own_path,
    page_kind,
    title_of,
)

PLAIN = {"method": "GET", "path": "/", "status": 200, "content_type": "text/html; charset=utf-8"}


@pytest.mark.parametrize(
    ("given_fields", "kind"),
    [
        ({}, PAGE),
        ({"content_type": "application/xhtml+xml"}, PAGE),
        ({"content_type": "TEXT/HTML"}, PAGE),
        ({"destination": "document"}, PAGE),
        ({"requested_with": "com.linkedin.android"}, PAGE),
        ({"status": 404}, PAGE),
        ({"method": "HEAD"}, PROBE),
        ({"path": "/robots.txt", "content_type": "text/plain"}, PROBE),
        ({"path": "/robots.txt", "status": 404}, PROBE),
        ({"path": "/admin/login/", "excluded": ("/admin/",)}, DropReason.EXCLUDED_PATH),
        ({"path": "/administration/", "excluded": ("/admin/",)}, PAGE),
        ({"purpose": "prefetch"}, DropReason.PREFETCH),
        ({"purpose": "preview"}, DropReason.PREFETCH),
        ({"status": 302}, DropReason.REDIRECT),
        ({"status": 410}, DropReason.STATUS),
        ({"status": 503}, DropReason.STATUS),
        ({"status": 101}, DropReason.STATUS),
        ({"method": "POST", "status": 404}, DropReason.METHOD),
        ({"method": "PROPFIND"}, DropReason.METHOD),
        ({"is_streaming": True}, DropReason.STREAMING),
        ({"is_attachment": True}, DropReason.STREAMING),
        ({"content_type": ""}, DropReason.NOT_HTML),
        ({"content_type": "text/plain"}, DropReason.NOT_HTML),
        ({"destination": "frame"}, DropReason.EMBEDDED),
        ({"destination": "image"}, DropReason.BACKGROUND),
        ({"requested_with": "XMLHttpRequest"}, DropReason.BACKGROUND),
    ],
)
def test_a_page_view_is_a_document_that_somebody_navigated_to(given_fields: dict[str, object], kind: str) -> None:
    assert page_kind(**(PLAIN | given_fields)) == kind  # type: ignore[arg-type]


@given(st.text(st.characters(), max_size=300), st.integers(0, 200))
def test_clean_text_is_storable_everywhere(text: str, limit: int) -> None:
    kept = clean(text, limit=limit)
    assert len(kept) <= limit
    assert "\0" not in kept
    assert kept.encode("utf-8").decode("utf-8") == kept
    assert clean(kept, limit=limit) == kept


@pytest.mark.parametrize(
    ("header", "host"),
    [
        ("Example.COM", "example.com"),
        ("example.com:8000", "example.com"),
        ("example.com.", "example.com"),
        ("www.example.com.:443", "www.example.com"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("[::1]:8000", "::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        (" evil\0\t\r\nexample\ud800.com ", "evilexample.com"),
        ("İ" * 300, "i̇" * 127 + "i"),
        ("", ""),
    ],
)
def test_a_host_is_kept_without_port_and_case(header: str, host: str) -> None:
    assert host_of(header) == host


@given(st.text(st.characters(), max_size=600))
def test_any_host_is_storable_everywhere(text: str) -> None:
    for kept in (host_of(text), clean_host(text)):
        assert len(kept) <= HOST_LIMIT
        assert clean(kept, limit=HOST_LIMIT) == kept


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ({"utm_source": "mail", "utm_medium": "email"}, {"utm_source": "mail", "utm_medium": "email"}),
        ({"source": "x", "ref": "y"}, {"utm_source": "x"}),
        ({"ref": "y"}, {"utm_source": "y"}),
        ({"gclid": "secret"}, {"click_id": "gclid"}),
        ({"token": "secret", "email": "a@b.example"}, {}),
        ({"utm_content": "jane@corp.example"}, {"utm_content": ""}),
        (
            {"utm_source": "jane%40corp.example", "utm_term": "jane%2540corp.example"},
            {"utm_source": "", "utm_term": ""},
        ),
        ({"ref": "https://corp.example/a?token=secret"}, {"utm_source": "https://corp.example/a"}),
        ({"utm_campaign": "50% off, 40 years"}, {"utm_campaign": "50% off, 40 years"}),
        ({"utm_term": "a\0b\ud800"}, {"utm_term": "ab"}),
        ({}, {}),
    ],
)
def test_of_the_query_only_campaign_fields_are_kept(query: dict[str, str], kept: dict[str, str]) -> None:
    assert campaign_of(query) == kept


@pytest.mark.parametrize(
    ("document", "charset", "title"),
    [
        (b"<title>Home</title>", "utf-8", "Home"),
        (b"<TITLE>Home</TITLE>", "utf-8", ""),
        (b"<title lang=de>\n  A &amp; B\n</title>", "utf-8", "A & B"),
        ("<title>Ä</title>".encode("latin-1"), "latin-1", "Ä"),
        (b"<title>\xff</title>", "utf-8", "\ufffd"),
        (b"<title>x</title>", "no-such-charset", "x"),
        (b"<title>never closed", "utf-8", ""),
        (b"x" * 5000 + b"<title>too late</title>", "utf-8", ""),
        (b"", "", ""),
    ],
)
def test_a_title_is_found_within_the_first_bytes(document: bytes, charset: str, title: str) -> None:
    assert title_of(document, charset) == title


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/u/jane@corp.example/cv/", "/u/***/cv/"),
        ("/u/jane%40corp.example/", "/u/***/"),
        ("/u/jane%252540corp.example/", "/u/***/"),
        ("/@jane/40%/", "/@jane/40%/"),
        ("", "/"),
    ],
)
def test_a_path_is_kept_without_an_address_however_often_it_was_encoded(path: str, kept: str) -> None:
    assert own_path(path) == kept


@given(st.binary(max_size=200))
def test_no_document_makes_the_title_fail(document: bytes) -> None:
    assert len(title_of(b"<title>" + document + b"</title>", "utf-8")) <= 200
