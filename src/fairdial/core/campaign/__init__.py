"""A campaign's life: its states, its plan, when each contact is due, and why. Pure; docs/why/campaigns.md."""
