"""What an image is, by its own bytes, and that a drawing runs and loads nothing."""

import pytest

from cognate.domain.images import kind_of
from tests.stories.pictures import GIF, ICO, JPEG, PNG, WEBP, svg


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PNG, "PNG"),
        (JPEG, "JPEG"),
        (ICO, "ICO"),
        (WEBP, "WEBP"),
        (svg(), "SVG"),
        (b"<?xml version='1.0'?><!-- by hand -->" + svg(), "SVG"),
        (GIF, None),
        (b"", None),
        (b"PNG", None),
        (b"<html><script>alert(1)</script></html>", None),
        (b"<svg>", None),
        (b"<svg/>", None),
        (svg("<rect>"), None),
    ],
)
def test_an_image_is_what_its_bytes_say(content, kind):
    assert kind_of(content) == kind


@pytest.mark.parametrize(
    "inside",
    [
        "<image href='data:image/png;base64,iVBORw0KGgo='/>",
        "<use href='#a'/>",
        "<style>.a { fill: url(#b) }</style><path class='a' d='M0 0'/>",
        "<linearGradient id='a'><stop offset='0'/></linearGradient>",
        "<metadata><work xmlns='http://creativecommons.org/ns#'/></metadata>",
        "<text>on = javascript, they say</text>",
    ],
)
def test_a_drawing_may_draw(inside):
    assert kind_of(svg(inside)) == "SVG"


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        "<s:script xmlns:s='http://www.w3.org/2000/svg'>alert(1)</s:script>",
        "<foreignObject><body xmlns='http://www.w3.org/1999/xhtml'/></foreignObject>",
        "<h:script xmlns:h='http://www.w3.org/1999/xhtml'>alert(1)</h:script>",
        "<a href='https://evil.example'><rect/></a>",
        "<rect onclick='alert(1)'/>",
        "<rect ONCLICK='alert(1)'/>",
        "<image href='https://evil.example/pixel.png'/>",
        "<image xmlns:x='http://www.w3.org/1999/xlink' x:href='//evil.example/pixel.png'/>",
        "<image href='data:image/svg+xml;base64,PHN2Zy8+'/>",
        "<use href='https://evil.example/#a'/>",
        "<rect style='fill: url(https://evil.example)'/>",
        "<rect style='fill: URL(//evil.example)'/>",
        "<rect style='fill: u\\72l(//evil.example)'/>",
        "<style>@import 'https://evil.example';</style>",
        "<style>@<!-- -->import 'https://evil.example';</style>",
        "<style>.a { background: url(https://evil.example) }</style>",
        "<animate attributeName='href' to='javascript:alert(1)'/>",
        "<set attributeName='onclick' to='alert(1)'/>",
        "<g>" * 120 + "</g>" * 120,
    ],
)
def test_a_drawing_runs_and_loads_nothing(inside):
    assert kind_of(svg(inside)) is None


def test_a_drawing_has_no_document_type():
    bomb = b"<!DOCTYPE svg [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;&a;'>]>" + svg(
        "<text>&b;</text>"
    )

    assert kind_of(bomb) is None
    assert kind_of(b"<?xml-stylesheet href='https://evil.example'?>" + svg()) is None
