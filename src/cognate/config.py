"""
Settings: every option of the command line, also as COGNATE_* and in `cognate.toml`.

The command line wins over the environment, the environment over the file, the file over defaults.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

PREFIX = "COGNATE_"
FILE = "cognate.toml"


class ConfigurationError(Exception):
    """A setting that cannot be used, in words for the person who wrote it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """
    `database`: a `sqlite:///path` or `postgresql://…` URL; None is the file in `data`.
    `master_key`: base64url keys, the current one first; None is the file in `data`.
    `smtp`: `smtp://user:password@host:port`, `smtps://…`; None keeps messages in the inbox.
    """

    host: str = "127.0.0.1"
    port: int = 9229
    workers: int = 1
    data: Path = Path(".cognate")
    database: str | None = None
    mode: str = "development"
    region: str = "us-east-1"
    account_id: str = "000000000000"
    public_url: str | None = None
    master_key: str | None = None
    fixed_code: str | None = None
    insecure_fast_passwords: bool = False
    smtp: str | None = None
    smtp_from: str = "no-reply@cognate.local"
    log_level: str = "info"

    @property
    def is_production(self) -> bool:
        return self.mode == "production"

    @property
    def own_url(self) -> str:
        """Where clients reach the server; no trailing slash."""
        if self.public_url is not None:
            return self.public_url.rstrip("/")
        host = "localhost" if self.host in ("0.0.0.0", "127.0.0.1", "::") else self.host  # noqa: S104 - a comparison
        return f"http://{host}:{self.port}"

    def checked(self) -> "Settings":
        """
        Raises:
            ConfigurationError: a value out of range, or a development shortcut in production.
        """
        if self.mode not in ("development", "production"):
            raise ConfigurationError(f"mode is development or production, not {self.mode}")
        if not 0 <= self.port <= 65535:
            raise ConfigurationError(f"port is 0 to 65535, not {self.port}")
        if self.workers < 1:
            raise ConfigurationError("workers is 1 or more")
        if not (self.account_id.isdigit() and len(self.account_id) == 12):
            raise ConfigurationError("account-id has 12 digits")
        if self.fixed_code is not None and not self.fixed_code.isdigit():
            raise ConfigurationError("fixed-code has only digits")
        if self.is_production:
            for name, value in (
                ("fixed-code", self.fixed_code),
                ("insecure-fast-passwords", self.insecure_fast_passwords),
            ):
                if value:
                    raise ConfigurationError(f"{name} is refused in production mode")
        return self


def load(given: Mapping[str, Any], *, environment: Mapping[str, str], directory: Path) -> Settings:
    """
    Settings from the command line (`given`, None values were not given), environment and file.

    Raises:
        ConfigurationError: an unknown name, or a value that cannot be read or used.
    """
    names = {field.name for field in fields(Settings)}
    values: dict[str, Any] = {}
    file = directory / FILE
    if file.exists():
        try:
            stored = tomllib.loads(file.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as cause:
            raise ConfigurationError(f"{file}: {cause}") from cause
        for key, value in stored.items():
            name = key.replace("-", "_")
            if name not in names:
                raise ConfigurationError(f"{file}: there is no setting {key}")
            values[name] = value
    for name in names:
        value = environment.get(PREFIX + name.upper())
        if value is not None and value != "":
            values[name] = value
    values.update({name: value for name, value in given.items() if value is not None})
    settings = Settings()
    for name, value in values.items():
        settings = replace(settings, **{name: _converted(name, value)})
    return settings.checked()


def _converted(name: str, value: Any) -> Any:
    default = getattr(Settings(), name)
    try:
        if isinstance(default, bool):
            return value if isinstance(value, bool) else _flag(str(value))
        if isinstance(default, int):
            return int(value)
        if isinstance(default, Path):
            return Path(value)
    except ValueError as cause:
        shown = name.replace("_", "-")
        raise ConfigurationError(f"{shown} cannot be {value!r}") from cause
    return str(value)


def _flag(text: str) -> bool:
    match text.lower():
        case "1" | "true" | "yes" | "on":
            return True
        case "0" | "false" | "no" | "off":
            return False
        case _:
            raise ValueError(text)
