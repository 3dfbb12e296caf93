"""Pages of the public lists: 20 rows, `?page=` from 1."""

from __future__ import annotations

from rest_framework.pagination import PageNumberPagination


class ProjectPagination(PageNumberPagination):
    page_size = 20
