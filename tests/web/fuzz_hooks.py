"""What the tester of requests is told: files are sent as the bytes they are."""

from __future__ import annotations

import schemathesis

schemathesis.serializer.alias(["audio/wav", "application/x-ndjson"], "application/octet-stream")
