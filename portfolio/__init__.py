"""The host site: a developer's portfolio that knows visitors only through `visitors.track`."""
