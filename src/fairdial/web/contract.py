"""`python -m fairdial.web.contract`: the OpenAPI document, as it is committed in docs/openapi.json."""

from __future__ import annotations

import json

from fairdial.app import App
from fairdial.web.server import create_server


def contract() -> str:
    """The public contract of the API, the same for the same routes."""
    web = create_server(_NOBODY)
    return json.dumps(web.openapi(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


_NOBODY = App.__new__(App)
"""No installation: the contract is read from the routes alone."""

if __name__ == "__main__":
    print(contract(), end="")
