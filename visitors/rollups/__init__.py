"""Closed days added up once from their facts; a day whose facts changed since is dirty until it is rebuilt."""
