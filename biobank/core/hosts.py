"""Whether a host is this machine, where nobody listens on the line."""

from ipaddress import IPv6Address, ip_address


def is_loopback(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost"
    inner = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (inner or address).is_loopback
