"""
Styles of the managed login pages: settings as a JSON object, and images.

Source: oauth-and-login.md, section 11, "Branding".
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cognate.domain.ids import ClientId, PoolId
from cognate.domain.images import ICO, JPEG, PNG, SVG, WEBP, kind_of
from cognate.errors import InvalidParameterException

MAXIMUM_STYLES = 20  # of one pool (user-pools.md J.3)
MAXIMUM_ASSETS = 40  # of one style, as of one request

# What a settings document has at its top. The parts signUp, instructions, sessionTimerDisplay and
# languageSelector of its categories are reserved: kept, and without effect.
PARTS = frozenset({"categories", "componentClasses", "components"})
MAXIMUM_DEPTH = 16
MAXIMUM_VALUES = 4096
# Values become parts of a page: colours, sizes, names of modes and of providers.
VALUE = re.compile(r"[\w .,:/#%+@=-]{0,256}")
KEY = re.compile(r"[A-Za-z][A-Za-z0-9]{0,63}")

EXTENSIONS: Mapping[str, frozenset[str]] = {
    "FAVICON_ICO": frozenset({ICO}),
    "FAVICON_SVG": frozenset({SVG}),
}
PICTURES = frozenset({PNG, JPEG, SVG, WEBP})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """
    One image. `category`, `color_mode` and `resource_id` ("" where it has none) tell it from the
    others of a style.
    """

    category: str
    color_mode: str
    extension: str
    resource_id: str
    content: bytes

    @property
    def key(self) -> tuple[str, str, str]:
        return (self.category, self.color_mode, self.resource_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """
    The style of one client. `settings`: what differs from `DEFAULT_SETTINGS`; None where the
    defaults are wanted as they are. Its images are stored beside it.
    """

    pool_id: PoolId
    style_id: str
    client_id: ClientId
    settings: Mapping[str, Any] | None
    created_at: datetime
    modified_at: datetime
    assets: tuple[tuple[str, str, str], ...] = field(default=())

    @property
    def uses_defaults(self) -> bool:
        return self.settings is None and not self.assets


def merged(defaults: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """`defaults` with `changes` over them, object by object; lists are replaced whole."""
    result = dict(defaults)
    for key, value in changes.items():
        present = result.get(key)
        if isinstance(value, Mapping) and isinstance(present, Mapping):
            result[key] = merged(present, value)
        else:
            result[key] = value
    return result


# --- rules ---------------------------------------------------------------------------------------


def checked_settings(settings: object) -> Mapping[str, Any]:
    """
    Raises:
        InvalidParameterException: no object, unknown parts, or values that no style has.
    """
    if not isinstance(settings, dict):
        raise InvalidParameterException("Settings must be a JSON object.")
    for part, value in settings.items():
        if part not in PARTS or not isinstance(value, dict):
            raise InvalidParameterException(
                "Settings can have the objects categories, componentClasses and components."
            )
    _check_values(settings)
    return settings


def _check_values(settings: Mapping[str, Any]) -> None:
    waiting: list[tuple[int, object]] = [(1, settings)]
    seen = 0
    while waiting:
        depth, value = waiting.pop()
        seen += 1
        if depth > MAXIMUM_DEPTH or seen > MAXIMUM_VALUES:
            raise InvalidParameterException("Settings are too large.")
        if isinstance(value, dict):
            for key in value:
                if KEY.fullmatch(key) is None:
                    raise InvalidParameterException("Settings have a name that no style has.")
            waiting += [(depth + 1, inner) for inner in value.values()]
        elif isinstance(value, list):
            waiting += [(depth + 1, inner) for inner in value]
        elif isinstance(value, str) and VALUE.fullmatch(value) is None:
            raise InvalidParameterException("Settings have a value that no style has.")


def check_assets(assets: Sequence[Asset]) -> None:
    """
    Raises:
        InvalidParameterException: one twice, or one that is not what its extension says, or not
            what its category takes.
    """
    if len({asset.key for asset in assets}) < len(assets):
        raise InvalidParameterException("An asset is given more than once.")
    for asset in assets:
        if asset.extension not in EXTENSIONS.get(asset.category, PICTURES):
            raise InvalidParameterException(
                f"An asset of category {asset.category} cannot be of type {asset.extension}."
            )
        if kind_of(asset.content) != asset.extension:
            raise InvalidParameterException(
                f"The content of an asset of category {asset.category} is not a valid"
                f" {asset.extension} image."
            )


def checked_keys(keys: Iterable[tuple[str, str, str]]) -> tuple[tuple[str, str, str], ...]:
    """
    The images of a style, in a fixed order.

    Raises:
        InvalidParameterException: more than a style may have.
    """
    distinct = sorted(set(keys))
    if len(distinct) > MAXIMUM_ASSETS:
        raise InvalidParameterException(f"A style cannot have more than {MAXIMUM_ASSETS} assets.")
    return tuple(distinct)


# --- the looks that Cognate's pages have by themselves --------------------------------------------


def _modes(light: Mapping[str, Any], dark: Mapping[str, Any]) -> dict[str, Any]:
    return {"lightMode": dict(light), "darkMode": dict(dark)}


def _states(light: Sequence[tuple[str, str]], dark: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Background and text colour of a button: at rest, under the pointer, pressed."""
    names = ("defaults", "hover", "active")
    return _modes(
        *(
            {
                name: {"backgroundColor": background, "textColor": text}
                for name, (background, text) in zip(names, colours, strict=True)
            }
            for colours in (light, dark)
        )
    )


DEFAULT_SETTINGS: Mapping[str, Any] = {
    "categories": {
        "auth": {
            "authMethodOrder": [
                [
                    {"display": "BUTTON", "type": "FEDERATED"},
                    {"display": "INPUT", "type": "USERNAME_PASSWORD"},
                ]
            ],
            "federation": {"interfaceStyle": "BUTTON_LIST", "order": []},
        },
        "form": {
            "displayGraphics": True,
            "instructions": {"enabled": False},
            "languageSelector": {"enabled": False},
            "location": {"horizontal": "CENTER", "vertical": "CENTER"},
            "sessionTimerDisplay": "NONE",
        },
        "global": {
            "colorSchemeMode": "LIGHT",
            "pageFooter": {"enabled": False},
            "pageHeader": {"enabled": False},
            "spacingDensity": "REGULAR",
        },
        "signUp": {"acceptanceElements": [{"enforcement": "NONE", "textKey": "en"}]},
    },
    "componentClasses": {
        "buttons": {"borderRadius": 6.0},
        "divider": _modes({"borderColor": "d7dbe0ff"}, {"borderColor": "3a424dff"}),
        "focusState": _modes({"borderColor": "1f5fbfff"}, {"borderColor": "7fb0ffff"}),
        "input": {
            "borderRadius": 6.0,
            **_modes(
                {
                    "defaults": {"backgroundColor": "ffffffff", "borderColor": "8a929cff"},
                    "placeholderColor": "5c6570ff",
                },
                {
                    "defaults": {"backgroundColor": "161b22ff", "borderColor": "6b7683ff"},
                    "placeholderColor": "a2abb6ff",
                },
            ),
        },
        "inputLabel": _modes({"textColor": "1b1f24ff"}, {"textColor": "e6eaefff"}),
        "link": _modes(
            {"defaults": {"textColor": "1f5fbfff"}, "hover": {"textColor": "174a96ff"}},
            {"defaults": {"textColor": "7fb0ffff"}, "hover": {"textColor": "a8c9ffff"}},
        ),
        "statusIndicator": _modes(
            {
                "error": {"backgroundColor": "fdececff", "borderColor": "b3261eff"},
                "success": {"backgroundColor": "eaf6edff", "borderColor": "1e7a3cff"},
            },
            {
                "error": {"backgroundColor": "33130fff", "borderColor": "f2857cff"},
                "success": {"backgroundColor": "0f2a18ff", "borderColor": "6cc788ff"},
            },
        ),
    },
    "components": {
        "alert": {"borderRadius": 8.0},
        "favicon": {"enabledTypes": ["ICO", "SVG"]},
        "form": {
            "backgroundImage": {"enabled": False},
            "borderRadius": 10.0,
            "logo": {
                "enabled": False,
                "formInclusion": "IN",
                "location": "CENTER",
                "position": "TOP",
            },
            **_modes(
                {"backgroundColor": "ffffffff", "borderColor": "d7dbe0ff"},
                {"backgroundColor": "1c222aff", "borderColor": "3a424dff"},
            ),
        },
        "pageBackground": {
            "image": {"enabled": False},
            **_modes({"color": "f3f5f8ff"}, {"color": "0e1217ff"}),
        },
        "pageText": _modes(
            {"bodyColor": "3b434dff", "headingColor": "1b1f24ff"},
            {"bodyColor": "c3cad3ff", "headingColor": "f2f4f7ff"},
        ),
        "primaryButton": _states(
            (("1f5fbfff", "ffffffff"), ("1a52a6ff", "ffffffff"), ("15448bff", "ffffffff")),
            (("7fb0ffff", "0b1b33ff"), ("9bc1ffff", "0b1b33ff"), ("b7d2ffff", "0b1b33ff")),
        ),
        "secondaryButton": _states(
            (("ffffffff", "1f5fbfff"), ("eef3fbff", "1a52a6ff"), ("dfe9f8ff", "15448bff")),
            (("1c222aff", "7fb0ffff"), ("252d37ff", "9bc1ffff"), ("2f3945ff", "b7d2ffff")),
        ),
    },
}
