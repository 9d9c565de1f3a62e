"""What running processes show of themselves: metrics, health, traces; never a number, a name or a sentence."""
