"""Token counts of the Responses API, and what it bills beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from motet.core.chat import Usage
from motet.core.json import JSON
from motet.models.dialects.billing import count, served_in, told_cost

IMAGE_MODEL = "gpt-image-1"
"""What makes the pictures of a tool that names no model."""
_CALLS = ("web_search_call", "file_search_call")


def read_usage(response: Mapping[str, JSON]) -> Usage | None:
    """Read what a response object used; None where the provider gave no counts."""
    value = response.get("usage")
    if not isinstance(value, Mapping) or "input_tokens" not in value:
        return None
    taken, made = value.get("input_tokens_details"), value.get("output_tokens_details")
    return Usage(
        input_tokens=count(value, "input_tokens"),
        output_tokens=count(value, "output_tokens"),
        cached_tokens=count(taken, "cached_tokens"),
        reasoning_tokens=count(made, "reasoning_tokens"),
        cost_usd=told_cost(value),
        cache_write_tokens=count(taken, "cache_write_tokens"),
        audio_input_tokens=count(taken, "audio_tokens"),
        audio_output_tokens=count(made, "audio_tokens"),
        units=_units(response),
        served=served_in(response.get("service_tier")),
    )


def _units(response: Mapping[str, JSON]) -> dict[str, float]:
    """Return the calls of the provider's tools that are charged each.

    Of searching the web only searches are, neither pages opened nor what is found in them
    (https://platform.openai.com/docs/guides/tools-web-search). `tool_usage` counts them where
    it is given; pictures are what another model made, which the tool's declaration names.
    """
    output = response.get("output")
    items = output if isinstance(output, Sequence) and not isinstance(output, str) else ()
    calls = [each for each in items if isinstance(each, Mapping) and each.get("type") in _CALLS]
    told = response.get("tool_usage")
    if not calls and not told:
        return {}
    told = told if isinstance(told, Mapping) else {}
    on_web = [each for each in calls if each["type"] == "web_search_call"]
    web = told.get("web_search")
    searches = count(web, "num_requests") if web else sum(map(_searches, on_web))
    units = {"web_searches": searches, "storage_searches": len(calls) - len(on_web)}
    units |= _pictures(told.get("image_gen"), response.get("tools"))
    return {name: value for name, value in units.items() if value}


def _searches(call: Mapping[str, JSON]) -> bool:
    """Whether a call searched the web; those of the tool's first version say nothing else."""
    action = call.get("action")
    return not isinstance(action, Mapping) or action.get("type") in (None, "search")


def _pictures(told: JSON, tools: JSON) -> dict[str, int]:
    if not count(told, "total_tokens") or not isinstance(told, Mapping):
        return {}
    given, made = told.get("input_tokens_details"), told.get("output_tokens_details")
    model = _painter(tools)
    return {
        f"{model}/input_tokens": count(told, "input_tokens"),
        f"{model}/output_tokens": count(told, "output_tokens"),
        f"{model}/input_image_tokens": count(given, "image_tokens"),
        f"{model}/output_image_tokens": count(made, "image_tokens"),
    }


def _painter(tools: JSON) -> str:
    for tool in tools if isinstance(tools, Sequence) and not isinstance(tools, str) else ():
        if isinstance(tool, Mapping) and tool.get("type") == "image_generation":
            model = tool.get("model")
            return model if isinstance(model, str) and model else IMAGE_MODEL
    return IMAGE_MODEL


def written_bill(usage: Usage | None, output: Sequence[JSON]) -> dict[str, JSON]:
    """Return the fields of a response object that tell what it used, and how it was served."""
    if usage is None:
        return {"usage": None}
    body: dict[str, JSON] = {"usage": written_usage(usage)}
    body["service_tier"] = usage.served.get("service_tier", "default")
    searches = usage.units.get("web_searches", 0)
    kinds = [each.get("type") for each in output if isinstance(each, Mapping)]
    if searches or "web_search_call" in kinds:
        body["tool_usage"] = {"web_search": {"num_requests": searches}}
    return body


def written_usage(usage: Usage | None) -> JSON:
    """Return the `usage` object."""
    if usage is None:
        return None
    taken: dict[str, JSON] = {
        "cached_tokens": usage.cached_tokens,
        "cache_write_tokens": usage.cache_write_tokens,
    }
    made: dict[str, JSON] = {"reasoning_tokens": usage.reasoning_tokens}
    if usage.audio_input_tokens:
        taken["audio_tokens"] = usage.audio_input_tokens
    if usage.audio_output_tokens:
        made["audio_tokens"] = usage.audio_output_tokens
    body: dict[str, JSON] = {
        "input_tokens": usage.input_tokens,
        "input_tokens_details": taken,
        "output_tokens": usage.output_tokens,
        "output_tokens_details": made,
        "total_tokens": usage.input_tokens + usage.output_tokens,
    }
    return body if usage.cost_usd is None else {**body, "cost": usage.cost_usd}
