"""Feature plans: what a pool of each tier may use. Source: user-pools.md C.9."""

from collections.abc import Callable
from dataclasses import dataclass

from cognate.domain.pools import DEFAULT_ACR_VALUES, Pool
from cognate.errors import FeatureUnavailableInTierException, TierChangeNotAllowedException

TIERS = ("LITE", "ESSENTIALS", "PLUS")


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """
    What a plan may lack. `name_for`: what the pool uses of it, None where it uses nothing.
    `holds_tier`: the plan cannot be lowered while it is in use.
    """

    tier: str
    holds_tier: bool
    name_for: Callable[[Pool], str | None]


def _token_customization(pool: Pool) -> str | None:
    version = pool.lambda_config.get("PreTokenGenerationConfig", {}).get("LambdaVersion", "V1_0")
    if version == "V1_0":
        return None
    return f"Token Customization with Pre-Token Generation Lambda {version}"


def _dynamic_registration(pool: Pool) -> str | None:
    status = pool.echoed.get("DcrConfiguration", {}).get("EnableStatus")
    return "Dynamic Client Registration" if status == "Enabled" else None


FEATURES: tuple[Feature, ...] = (
    Feature(
        tier="PLUS",
        holds_tier=True,
        name_for=lambda pool: "Threat Protection" if pool.protects_from_threats else None,
    ),
    Feature(
        tier="PLUS",
        holds_tier=True,
        name_for=lambda pool: "User Activity Log Export" if pool.exports_user_activity else None,
    ),
    Feature(tier="ESSENTIALS", holds_tier=True, name_for=_token_customization),
    Feature(
        tier="ESSENTIALS",
        holds_tier=True,
        name_for=lambda pool: "Email MFA" if pool.mfa.email_enabled else None,
    ),
    Feature(tier="ESSENTIALS", holds_tier=True, name_for=_dynamic_registration),
    Feature(
        tier="ESSENTIALS",
        holds_tier=False,
        name_for=lambda pool: (
            "Passwordless Sign-In" if set(pool.first_factors) - {"PASSWORD"} else None
        ),
    ),
    Feature(
        tier="ESSENTIALS",
        holds_tier=False,
        name_for=lambda pool: "Password History" if pool.password_policy.history_size else None,
    ),
    Feature(
        tier="ESSENTIALS",
        holds_tier=False,
        name_for=lambda pool: (
            "Custom ACR Values" if pool.acr_values != DEFAULT_ACR_VALUES else None
        ),
    ),
)


def includes(tier: str, feature_tier: str) -> bool:
    """Whether a pool of `tier` has what begins with `feature_tier`."""
    return TIERS.index(tier) >= TIERS.index(feature_tier)


def unavailable(tier: str, features: str) -> FeatureUnavailableInTierException:
    return FeatureUnavailableInTierException(_to_be_disabled(tier, features))


def check_tier(pool: Pool, *, previous: str | None = None) -> None:
    """
    Raises:
        TierChangeNotAllowedException: the plan is lower than `previous`, and lacks a feature
            that holds it.
        FeatureUnavailableInTierException: the plan lacks a feature that the settings use.
    """
    used = [
        (feature, name)
        for feature in FEATURES
        if not includes(pool.tier, feature.tier) and (name := feature.name_for(pool)) is not None
    ]
    if not used:
        return
    names = ", ".join(name for _, name in used)
    lowered = previous is not None and not includes(pool.tier, previous)
    if lowered and any(feature.holds_tier for feature, _ in used):
        raise TierChangeNotAllowedException(_to_be_disabled(pool.tier, names))
    raise unavailable(pool.tier, names)


def _to_be_disabled(tier: str, features: str) -> str:
    return (
        f"The following features need to be disabled for the {tier} pricing tier configured:"
        f" {features}"
    )
