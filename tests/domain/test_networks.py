"""Which addresses are the same place."""

import pytest

from cognate.domain.networks import network_of


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.0/24"),
        ("192.0.2.255", "192.0.2.0/24"),
        ("192.0.3.7", "192.0.3.0/24"),
        ("::ffff:192.0.2.7", "192.0.2.0/24"),
        ("2001:db8:1:2::7", "2001:db8:1::/48"),
        ("2001:db8:1:ffff::1", "2001:db8:1::/48"),
        ("2001:db8:2::1", "2001:db8:2::/48"),
        ("unix", "unix"),
        ("", ""),
        (None, ""),
    ],
)
def test_the_neighbourhood_of_an_address_is_24_or_48_bits(address, network):
    assert network_of(address) == network
