"""Ask every address that is only read, through a client generated from the schema.

python generated_client.py <folder of the client> <origin> <token> <values of parameters as JSON>

Prints operation -> [path, status, "" or what is wrong with the parsed answer].
"""

import importlib
import inspect
import itertools
import json
import pkgutil
import sys
import uuid
from datetime import datetime

folder, origin, token, values = sys.argv[1], sys.argv[2], sys.argv[3], json.loads(sys.argv[4])
sys.path.insert(0, folder)

import site_client.api  # noqa: E402
from site_client import AuthenticatedClient  # noqa: E402
from site_client.types import UNSET  # noqa: E402

client = AuthenticatedClient(base_url=origin, token=token, timeout=20, raise_on_unexpected_status=True)


def modules():
    for tag in pkgutil.iter_modules(site_client.api.__path__, "site_client.api."):
        for module in pkgutil.iter_modules(importlib.import_module(tag.name).__path__, f"{tag.name}."):
            yield importlib.import_module(module.name)


def arguments(module):
    """What must be given, in the type that the client asks for."""
    for name, parameter in inspect.signature(module._get_kwargs).parameters.items():
        if parameter.default is inspect.Parameter.empty:
            given = values[name]
            annotation = parameter.annotation
            yield name, uuid.UUID(given) if annotation in (uuid.UUID, "UUID") else _typed(annotation, given)


def _typed(annotation, given):
    return annotation(given) if isinstance(annotation, type) else given


def as_json(parsed):
    if isinstance(parsed, list):
        return [as_json(each) for each in parsed]
    return parsed.to_dict() if hasattr(parsed, "to_dict") else parsed


def fault_of(answer):
    """The model holds all that was said, under the names and types of the schema."""
    if answer.parsed is None or answer.parsed is UNSET:
        return "nothing was parsed"
    said, read = json.loads(answer.content), as_json(answer.parsed)
    return "; ".join(itertools.islice(differences("", said, read), 5))


def differences(place, said, read):
    """Where the two are not the same; moments may be written in two ways."""
    if isinstance(said, dict) and isinstance(read, dict):
        for name in sorted({*said, *read}):
            yield from differences(f"{place}.{name}", said.get(name, "left out"), read.get(name, "left out"))
    elif isinstance(said, list) and isinstance(read, list) and len(said) == len(read):
        for number, pair in enumerate(zip(said, read, strict=True)):
            yield from differences(f"{place}.{number}", *pair)
    elif said != read and moment(said) != moment(read):
        yield f"{place}: {said!r} was read as {read!r}"


def moment(text):
    try:
        return datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return text


told = {}
for module in modules():
    if '"method": "get"' not in inspect.getsource(module._get_kwargs):
        continue
    given = dict(arguments(module))
    request = module._get_kwargs(**given)
    answer = module.sync_detailed(client=client, **given)
    is_json = "json" in answer.headers.get("Content-Type", "") and "x-ndjson" not in answer.headers["Content-Type"]
    fault = fault_of(answer) if is_json else ""
    told[module.__name__.rpartition(".")[2]] = [request["url"], int(answer.status_code), fault]
print(json.dumps(told))
