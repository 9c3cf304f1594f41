"""Without this rule a place from a Chinese map would lie half a kilometre from where it is.

Maps in mainland China show GCJ-02, coordinates shifted by a few hundred metres; phones at Telegram
share WGS 84. The shift is not published; the formula is the one known in public (see
https://en.wikipedia.org/wiki/Restrictions_on_geographic_data_in_China and googollee/eviltransform),
on the Krasovsky 1940 ellipsoid.
"""

from __future__ import annotations

from math import cos, pi, radians, sin, sqrt

#: Krasovsky 1940: semi-major axis in metres, and eccentricity squared.
_AXIS = 6_378_245.0
_ECCENTRICITY = 0.006_693_421_622_965_943
#: Outside this box (degrees) there is no shift.
_LATITUDES = (0.8293, 55.8271)
_LONGITUDES = (72.004, 137.8347)
#: The inverse is found by going back by the shift of the last guess. Of 20,000 places in China one
#: round was at most 5 m off, two 3 cm, three 0.2 mm; one more costs nothing.
_ROUNDS = 4


def to_wgs84(latitude: float, longitude: float) -> tuple[float, float]:
    """The WGS 84 (latitude, longitude) of a place in GCJ-02; degrees."""
    guess = (latitude, longitude)
    for _ in range(_ROUNDS):
        shifted = from_wgs84(*guess)
        guess = (guess[0] - (shifted[0] - latitude), guess[1] - (shifted[1] - longitude))
    return guess


def from_wgs84(latitude: float, longitude: float) -> tuple[float, float]:
    """The GCJ-02 (latitude, longitude) of a place in WGS 84; degrees."""
    if not _is_shifted(latitude, longitude):
        return latitude, longitude
    x, y = longitude - 105.0, latitude - 35.0
    north, east = _north(x, y), _east(x, y)
    slant = radians(latitude)
    root = 1 - _ECCENTRICITY * sin(slant) ** 2
    meridian = _AXIS * (1 - _ECCENTRICITY) / (root * sqrt(root))
    parallel = _AXIS / sqrt(root) * cos(slant)
    return latitude + north * 180 / (meridian * pi), longitude + east * 180 / (parallel * pi)


def _is_shifted(latitude: float, longitude: float) -> bool:
    return (
        _LATITUDES[0] <= latitude <= _LATITUDES[1] and _LONGITUDES[0] <= longitude <= _LONGITUDES[1]
    )


def _north(x: float, y: float) -> float:
    """The shift to the north in metres."""
    return (
        -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x))
        + (20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)) * 2 / 3
        + (20 * sin(y * pi) + 40 * sin(y / 3 * pi)) * 2 / 3
        + (160 * sin(y / 12 * pi) + 320 * sin(y * pi / 30)) * 2 / 3
    )  # fmt: skip


def _east(x: float, y: float) -> float:
    """The shift to the east in metres."""
    return (
        300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x))
        + (20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)) * 2 / 3
        + (20 * sin(x * pi) + 40 * sin(x / 3 * pi)) * 2 / 3
        + (150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi)) * 2 / 3
    )  # fmt: skip
