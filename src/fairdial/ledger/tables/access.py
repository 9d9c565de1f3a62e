"""Who may sign in, what they carry, and writes that were asked for twice."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Integer, LargeBinary, Table, Text, UniqueConstraint, false, true
from sqlalchemy.dialects.postgresql import ARRAY

from fairdial.ledger.tables.columns import identity, metadata, of_tenant, sealed, when

user_account = Table(
    "user_account",
    metadata,
    identity(),
    of_tenant(),
    Column("name", Text, nullable=False, unique=True),
    Column("password_hash", Text),
    sealed("secret of the second factor"),
    Column("totp_used", Text),
    Column("roles", ARRAY(Text), nullable=False),
    Column("is_active", Boolean, nullable=False, server_default=true()),
    Column("made_by", Text, nullable=False),
    when("made_at", is_now=True),
)
"""`totp_used` is the last code that was taken, so that none is taken twice."""

web_session = Table(
    "web_session",
    metadata,
    identity(),
    of_tenant(),
    Column("user_id", ForeignKey("user_account.id"), nullable=False, index=True),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("csrf", Text, nullable=False),
    Column("address_class", Text, nullable=False),
    Column("by_link", Boolean, nullable=False, server_default=false()),
    when("made_at", is_now=True),
    when("seen_at", is_now=True),
    when("ended_at"),
)

sign_in_link = Table(
    "sign_in_link",
    metadata,
    identity(),
    of_tenant(),
    Column("user_id", ForeignKey("user_account.id"), nullable=False, index=True),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    when("ends_at", nullable=False),
    when("used_at"),
)

sign_in_failure = Table(
    "sign_in_failure",
    metadata,
    identity(),
    Column("who", LargeBinary, nullable=False, index=True),
    when("at", is_now=True),
)
"""`who` is the hash of a name or of an address: names that do not exist are counted like those that do."""

api_key = Table(
    "api_key",
    metadata,
    identity(),
    of_tenant(),
    Column("name", Text, nullable=False),
    Column("key_hash", LargeBinary, nullable=False, unique=True),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("made_by", Text, nullable=False),
    when("made_at", is_now=True),
    when("ends_at", nullable=False),
    when("revoked_at"),
)

repeated_write = Table(
    "repeated_write",
    metadata,
    identity(),
    of_tenant(),
    Column("caller", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("asked_hash", LargeBinary, nullable=False),
    Column("status", Integer),
    when("at", is_now=True),
    sealed("body and media type of the answer"),
    UniqueConstraint("tenant_id", "caller", "key"),
)
"""The first answer to an `Idempotency-Key`; `status` is NULL while it is being worked on."""

user_identity = Table(
    "user_identity",
    metadata,
    identity(),
    of_tenant(),
    Column("user_id", ForeignKey("user_account.id"), nullable=False, index=True),
    Column("issuer", Text, nullable=False),
    Column("subject_key", Text),
    Column("email_key", Text),
    Column("made_by", Text, nullable=False),
    when("made_at", is_now=True),
    UniqueConstraint("issuer", "subject_key"),
    UniqueConstraint("issuer", "email_key"),
    UniqueConstraint("issuer", "user_id"),
)
"""Who somebody is to a provider, hashed with the installation's key. An e-mail address stands until its first sign-in tells
the subject, which no provider gives to another person."""

sign_in_begun = Table(
    "sign_in_begun",
    metadata,
    identity(),
    Column("state_hash", LargeBinary, nullable=False, unique=True),
    Column("browser_hash", LargeBinary, nullable=False),
    Column("who", LargeBinary, nullable=False, index=True),
    Column("leads_to", Text, nullable=False),
    when("ends_at", nullable=False),
)
"""Somebody has gone to the provider. What proves it, nonce and code verifier, is derived from what their browser holds and
stands nowhere; `who` is the hash of an address. The row goes when its answer comes."""
