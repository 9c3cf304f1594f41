"""Alerts needed in a hurry, ready in every language but for what only the officer knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter

from markupsafe import Markup

from bot.texts import Words
from handlers.menus import N_


@dataclass(frozen=True, slots=True)
class Template:
    """One kind of alert: its name on a button, and its text with holes."""

    name: str
    text: str

    @property
    def holes(self) -> tuple[str, ...]:
        """What is asked for, in the order of the English text."""
        fields = [field for _text, field, _spec, _conversion in Formatter().parse(self.text)]
        return tuple(dict.fromkeys(field for field in fields if field))


#: By the code that stands in button data.
TEMPLATES: Mapping[str, Template] = {
    "call": Template(N_("Fraud by telephone"), N_(
        "Somebody telephones and says: {story}. This is a fraud. Hang up. Never tell a code, never"
        " send money."
    )),
    "message": Template(N_("Fraud by message"), N_(
        "False messages are going round: {story}. Do not open the link. Ask the sender by"
        " telephone."
    )),
    "door": Template(N_("Fraud at the door"), N_(
        "People ring at doors in {place} and say: {story}. Do not let them in. Ask us first."
    )),
    "gains": Template(N_("False investments"), N_(
        "Somebody promises high gains: {story}. Do not pay anything. Ask us first."
    )),
    "burglary": Template(N_("Burglary"), N_(
        "Homes were broken into in {place}, {time}. Lock doors and windows. Look after your"
        " neighbours' homes too."
    )),
    "bicycles": Template(N_("Stolen bicycles"), N_(
        "Bicycles were stolen in {place}, {time}. Lock both wheels. Take the battery with you."
    )),
    "pickpockets": Template(N_("Pickpockets"), N_(
        "Pickpockets are about in {place}, {time}. Keep your bag closed and in front of you."
    )),
    "cars": Template(N_("Thefts from cars"), N_(
        "Things were stolen from cars in {place}, {time}. Leave nothing in your car."
    )),
    "gas": Template(N_("Gas"), N_(
        "Gas is leaking in {place}. Leave the building at once. No flames, no switches, no"
        " telephone inside."
    )),
    "fire": Template(N_("Fire"), N_(
        "There is a fire in {place}. Keep away and keep the road free. Close doors and windows."
    )),
    "cut": Template(N_("Water or power cut"), N_(
        "There is no {what} in {place}, {time}. Please switch off devices and close the taps."
    )),
    "storm": Template(N_("Storm"), N_(
        "A storm is expected in {place}, {time}. Stay inside. Take in what could fly away."
    )),
    "flood": Template(N_("High water"), N_(
        "Water is rising in {place}. Leave low floors. Do not walk or drive through water."
    )),
    "heat": Template(N_("Heat"), N_(
        "It will be very hot, {time}. Drink enough water. Look after older neighbours."
    )),
    "ice": Template(N_("Ice and snow"), N_(
        "Roads are icy in {place}, {time}. Walk slowly. Drive only if you must."
    )),
    "child": Template(N_("Lost child"), N_(
        "A child is missing, last seen in {place}, {time}: {description}. Have you seen this"
        " child? Reply here, or call the emergency number."
    )),
    "missing": Template(N_("Missing person"), N_(
        "Somebody is missing, last seen in {place}, {time}: {description}. Have you seen this"
        " person? Reply here, or call the emergency number."
    )),
    "found": Template(N_("Found property"), N_(
        "Found in {place}: {what}. Is it yours? Reply here and describe it."
    )),
    "road": Template(N_("Road closed"), N_(
        "The road is closed in {place}, {time}. Please go another way."
    )),
    "crowd": Template(N_("Many people"), N_(
        "Many people are expected in {place}, {time}. Come early and keep children close."
    )),
}  # fmt: skip
#: The form of a room's weekly notice, under this code.
FORM = "week"
WEEKLY = Template(N_("This week in your area"), N_(
    "Reported this week: {count}\n{kinds}\nWhere and when: {place}\nOur advice: {advice}\nSolved:"
    " {solved}\nTelephone:\n{phone}"
))  # fmt: skip
#: What each hole is called when it is asked for.
HOLES: Mapping[str, str] = {
    "story": N_("what they say"),
    "place": N_("where"),
    "time": N_("when"),
    "what": N_("what"),
    "description": N_("what they look like"),
    "count": N_("how many"),
    "kinds": N_("of which kinds"),
    "advice": N_("your advice"),
    "solved": N_("what was solved"),
    "phone": N_("telephone number"),
}


def filled(template: Template, values: Mapping[str, str], words: Words) -> Markup:
    """The text in one language with what the officer filled in, escaped."""
    return words(template.text).format(**values)
