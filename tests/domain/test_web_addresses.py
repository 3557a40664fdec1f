"""Which addresses may be gone to."""

import pytest

from cognate.domain.web_addresses import address_fault


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "https://example.com:8443/path?query=1",
        "https://xn--bcher-kva.example/",
        "https://[::1]/",
        "http://localhost:8080/",
        "http://127.0.0.1/",
        "http://[::1]:9229/",
    ],
)
def test_https_and_this_machine_are_fine(url):
    assert address_fault(url) is None


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("http://example.com", "must use HTTPS."),
        ("http://localhost.example.com", "must use HTTPS."),
        ("http://127.0.0.1.example.com", "must use HTTPS."),
        ("https://example.com/#part", "cannot have a fragment."),
        ("https://user:password@example.com", "is not a valid URL."),
        ("http://localhost:80@evil.example", "is not a valid URL."),
        ("https://example.com\\@evil.example", "is not a valid URL."),
        ("https://exam\nple.com", "is not a valid URL."),
        (" https://example.com", "is not a valid URL."),
        ("https://example.com:port", "is not a valid URL."),
        ("https://example.com:70000", "is not a valid URL."),
        ("https://[::1", "is not a valid URL."),
        ("https:///path", "is not a valid URL."),
        ("//example.com", "is not a valid URL."),
        ("/path", "is not a valid URL."),
        ("javascript:alert(1)", "is not a valid URL."),
        ("data:text/html,<script>", "is not a valid URL."),
        ("ftp://example.com", "is not a valid URL."),
        ("myapp://example.com", "is not a valid URL."),
        ("", "is not a valid URL."),
    ],
)
def test_the_rest_is_not(url, fault):
    assert address_fault(url) == fault


def test_development_reaches_others_without_tls():
    assert address_fault("http://idp:8080/", plain=True) is None
    assert address_fault("javascript:alert(1)", plain=True) == "is not a valid URL."
