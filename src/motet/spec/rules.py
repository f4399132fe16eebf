"""Rules about several fields at once: combinations that cannot work."""

from __future__ import annotations

from fnmatch import fnmatchcase

from motet.spec.problems import nearest
from motet.spec.sites import Site
from motet.spec.types import (
    HERE,
    LOCAL_PROVIDERS,
    Declaration,
    Mcp,
    Model,
    Source,
    Tool,
    is_loopback,
)

PROVIDERS = (
    "expert",
    "system",
    "openai",
    "anthropic",
    "google",
    "mistral",
    "cohere",
    "deepseek",
    "groq",
    "together",
    "fireworks",
    "openrouter",
    "xai",
    "cerebras",
    "perplexity",
    "voyage",
    "jina",
    "moonshot",
    "nvidia",
    "huggingface",
    "sambanova",
    "deepinfra",
    "llama",
    "azure",
    "bedrock",
    "vertex",
    "ollama",
    "vllm",
    "sglang",
    "llamacpp",
    "lmstudio",
    "tei",
)


def provider_known(model: Model, site: Site) -> None:
    """A provider that nobody knows must at least have an address."""
    if model.provider in PROVIDERS or model.base_url is not None:
        return
    near = nearest(model.provider, PROVIDERS)
    site.at("use").wrong(
        f"a provider among {', '.join(PROVIDERS)}, or base_url beside it",
        f'"{model.provider}"',
        near=f"{near}/{model.model}" if near else None,
    )


def built_in_has_no_address(model: Model, site: Site) -> None:
    """Experts and systems run here: they take neither address, key nor price."""
    if model.provider not in HERE:
        return
    for key in ("base_url", "key", "price"):
        if getattr(model, key) is not None:
            site.at(key).wrong(f"no {key}, because {model.use} runs here", key)


def local_stays_here(model: Model, site: Site) -> None:
    """What is declared local must have a local address."""
    if model.local is not True:
        return
    if model.base_url is not None:
        if not is_loopback(model.base_url):
            site.at("local").wrong("an address on this machine for a local model", model.base_url)
    elif model.provider not in HERE | LOCAL_PROVIDERS and model.provider in PROVIDERS:
        site.at("local").wrong("a model on this machine for local: true", model.use)


def source_options_fit(source: Source, site: Site) -> None:
    """Each option belongs to certain kinds of source."""
    homes = {
        "exclude": (bool(source.exclude), source.path, "path"),
        "only": (bool(source.only), source.database, "database"),
        "name": (source.name is not None, source.table, "table"),
    }
    for key, (given, home, title) in homes.items():
        if given and home is None:
            site.at(key).wrong(f"{key} only beside {title}", key)


def mcp_options_fit(mcp: Mcp, site: Site) -> None:
    """Headers belong to an address, an environment to a command."""
    if mcp.headers and mcp.url is None:
        site.at("headers").wrong("headers only beside url", "headers")
    if mcp.env and mcp.url is not None:
        site.at("env").wrong("env only beside command or a registry name", "env")


def tool_options_fit(tool: Tool, site: Site) -> None:
    """A choice among tools belongs to a server of several; effects are known for our own."""
    if tool.only and tool.mcp is None:
        site.at("only").wrong("only beside mcp", "only")
    if tool.effect is not None and tool.python is None and tool.mcp is None:
        site.at("effect").wrong("effect only beside python or mcp", "effect")


def model_names_differ(declaration: Declaration, site: Site) -> None:
    """Two models need two names, and none may be the system's."""
    seen: dict[str, int] = {}
    for index, model in enumerate(declaration.models):
        here = site.at("models", index)
        here = here.at("as") if model.alias else here
        if model.name in seen:
            here.wrong("a name of its own; set as", f"the name of models[{seen[model.name]}]")
        elif model.name == declaration.system:
            here.wrong("another name than the system's", f'"{model.name}"')
        seen.setdefault(model.name, index)


def tool_names_differ(declaration: Declaration, site: Site) -> None:
    """Two tools need two names."""
    seen: dict[str, int] = {}
    for index, tool in enumerate(declaration.tools):
        if tool.alias is None:
            continue
        if tool.alias in seen:
            here = site.at("tools", index, "as")
            here.wrong("a name of its own", f"the name of tools[{seen[tool.alias]}]")
        seen.setdefault(tool.alias, index)


def local_has_a_model(declaration: Declaration, site: Site) -> None:
    """A system that must stay here needs a model that is here."""
    if declaration.guard.local and not any(model.is_local for model in declaration.models):
        site.at("guard", "local").wrong(
            "a local model among models for local: true", "models that are all remote"
        )


def budget_covers_cost(declaration: Declaration, site: Site) -> None:
    """A budget below the cost objective would end runs that the objective allows."""
    budget, cost = declaration.guard.budget, declaration.objective.cost
    if budget and budget.cost is not None and cost is not None and budget.cost < cost:
        site.at("guard", "budget", "cost").wrong(
            f"a budget of at least objective.cost ({cost:g})", f"{budget.cost:g}"
        )


def budget_covers_latency(declaration: Declaration, site: Site) -> None:
    """A time budget below the latency objective would end runs that the objective allows."""
    budget, latency = declaration.guard.budget, declaration.objective.latency
    if budget and budget.time is not None and latency is not None and budget.time < latency:
        site.at("guard", "budget", "time").wrong(
            f"a time of at least objective.latency ({latency:g}s)", f"{budget.time:g}s"
        )


def verifier_is_declared(declaration: Declaration, site: Site) -> None:
    """The model that verifies is one of the declared."""
    think = declaration.think
    names = [model.name for model in declaration.models]
    if think and think.verify is not None and think.verify not in names:
        site.at("think", "verify").wrong(
            f"a declared model: {', '.join(names)}", names=names, word=think.verify
        )


def served_are_declared(declaration: Declaration, site: Site) -> None:
    """What the gateway names must be a declared model, or a pattern of some."""
    served = declaration.gateway
    if served is None:
        return
    known = [model.name for model in declaration.models]
    named: list[tuple[tuple[str, ...], tuple[str, ...]]] = [
        (("models",), served.models),
        (("auto",), served.auto),
        *((("fallback", each.model), (each.model, *each.others)) for each in served.fallback),
    ]
    for steps, names in named:
        for name in names:
            if not any(fnmatchcase(each, name) for each in known):
                site.at("gateway", *steps).wrong(
                    f"a declared model ({', '.join(known)})",
                    f'"{name}"',
                    near=nearest(name, known),
                )
