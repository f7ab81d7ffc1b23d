"""An upgrade from an older commit under load, killed half-way: `make drill`."""
