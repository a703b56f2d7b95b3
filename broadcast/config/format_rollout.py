"""The format of a rollout: its waves, and when each lets the next one begin (pure)."""

from typing import Annotated, Literal, Self

from msgspec import Meta

from broadcast.config.format_entries import Names, Properties, says
from broadcast.config.yaml_reader import Place, Placed

When = Literal["opened", "green", "merged"]
Send = Literal["current", "passed"]


class WrittenMember(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Targets of a wave, among those that the config names."""

    repo: Annotated[str, says("`owner/name`, or a pattern such as `owner/canary-*`.", "acme/canary-*")] = ""
    topic: Annotated[Names, says("Targets with one of these topics.", "canary")] = []
    property: Annotated[
        Properties, says("Targets with these custom properties of the organization.", {"ring": "0"})
    ] = {}

    @classmethod
    def from_text(cls, text: str, place: Place) -> Self:
        """`- acme/api` is short for `- {repo: acme/api}`."""
        return cls(repo=text, place=place)


class WrittenAdvance(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When the wave after this one begins."""

    when: Annotated[
        When | Literal[""],
        says(
            "A target has passed once its pull request is opened, once its checks are green too, or once it is merged."
        ),
    ] = ""
    share: Annotated[str | int, says("How many targets of a wave must have passed; default: `100%`.", "80%")] = ""
    soak: Annotated[str | int, says("For how long they must have passed; default: 0.", "24h", "1d12h", "90m")] = ""
    max_failed: Annotated[
        Annotated[int, Meta(ge=0)] | None,
        says("How many targets of a wave may fail, decline or have a red check; default: 0. More hold the rollout."),
    ] = None
    send: Annotated[
        Send | Literal[""],
        says(
            "`passed`: while the source changes, a wave gets the newest commit that has passed the wave before; "
            "default: `current`, so that every change starts at the first wave."
        ),
    ] = ""


class WrittenWave(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Targets that get a change at the same time; without members, all targets that no earlier wave has."""

    name: Annotated[str, says("Name of the wave, for reports and the input `advance`.", "canaries")]
    targets: Annotated[list[WrittenMember], says("Targets of this wave.", ["acme/canary-*", {"topic": "canary"}])] = []
    groups: Annotated[list[str], says("Ids or names of groups whose targets are in this wave.", ["internal"])] = []
    percent: Annotated[
        Annotated[int, Meta(ge=1, le=100)] | None,
        says("About this part of all targets, those of earlier waves included; a new target moves no other.", 10),
    ] = None
    advance: Annotated[WrittenAdvance, says("What is different for this wave.")] = WrittenAdvance()
