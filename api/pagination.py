"""Pages of the public lists: 20 rows, `?page=` from 1."""

from __future__ import annotations

from typing import Any

from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request


class ProjectPagination(PageNumberPagination):
    page_size = 20
    last_page_strings = ()

    def get_page_number(self, request: Request, paginator: Any) -> Any:  # noqa: ARG002
        """The framework takes an empty `page` for the first one."""
        return request.query_params.get(self.page_query_param, 1)
