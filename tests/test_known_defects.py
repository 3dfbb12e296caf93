"""What went wrong in comparable systems, each with the tests that keep it out of this one."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from django.conf import global_settings
from django.conf import settings as site

ROOT = Path(__file__).parent.parent
GUARD = "visitors/security/test_known_defects.py"
VIEWS, MIDDLEWARE, SECURITY = "visitors/test_views.py", "visitors/test_middleware.py", "security"

DEFECTS: dict[int, tuple[str, tuple[str, ...]]] = {
    1: (
        "production settings that never load",
        (
            "config/test_settings.py::test_production_is_production",
            "config/test_settings.py::test_every_app_path_is_imported_from_one_settings_file",
        ),
    ),
    2: (
        "reports that anyone reads",
        (
            f"{GUARD}::test_known_defect_02_no_report_answers_a_stranger",
            f"{GUARD}::test_known_defect_02_no_report_holds_an_address",
        ),
    ),
    3: ("the login's key stored and told", (f"{GUARD}::test_known_defect_03_a_login_is_in_no_row_and_in_no_answer",)),
    4: (
        "a stranger who clears the cache",
        (f"{GUARD}::test_known_defect_04_no_stranger_empties_the_cache_or_logs_anybody_out",),
    ),
    5: (
        "the leftmost forwarded address believed",
        (
            "visitors/security/test_client_ip.py::test_known_defect_05_hops_that_the_client_wrote_change_nothing",
            "visitors/security/test_limits.py::test_known_defect_05_rotating_forwarded_addresses_defeats_no_limit",
        ),
    ),
    6: (
        "known passwords and keys",
        (
            "config/test_settings.py::test_no_secret_key_stands_in_the_code",
            "security/test_supply.py::test_no_secret_is_in_the_repository",
        ),
    ),
    7: (
        "view-only staff that wipes data",
        (f"{GUARD}::test_known_defect_07_staff_that_may_look_wipes_nothing_by_admin_actions",),
    ),
    8: ("a visitor told what he is taken for", (f"{GUARD}::test_known_defect_08_nobody_is_told_what_he_is_taken_for",)),
    9: (
        "readiness that blocks and leaks",
        (f"{GUARD}::test_known_defect_09_readiness_tells_no_error_and_waits_for_nobody",),
    ),
    10: (
        "visits lost on odd input",
        (
            f"{MIDDLEWARE}::test_whatever_a_request_holds_its_page_view_is_stored",
            "security/test_input.py::test_a_hostile_header_breaks_no_page",
        ),
    ),
    11: (
        "an empty answer for a database that is down",
        (
            f"{VIEWS}::test_a_database_that_is_down_is_never_an_empty_answer",
            "faults/test_outages.py::test_a_locked_sqlite_file_delays_visits_and_no_page",
        ),
    ),
    12: (
        "nothing without Redis",
        (
            "visitors/security/test_limits.py::test_known_defect_12_redis_that_is_down_refuses_nobody",
            "faults/test_outages.py::test_without_redis_pages_take_at_most_50_ms_more",
        ),
    ),
    13: (
        "two page views at once counted as one",
        ("visitors/recording/test_summary.py::test_pages_at_the_same_moment_from_two_processes_count_as_two",),
    ),
    14: (
        "a row and a cookie for each request",
        (f"{GUARD}::test_known_defect_14_a_loop_without_cookies_makes_one_visit_and_sets_none",),
    ),
    15: (
        "server time taken for time on page",
        (
            "test_known_defects.py::test_no_time_on_page_is_the_servers",
            "visitors/recording/test_totals.py::test_time_on_page_is_the_trackers_or_the_gap_or_unknown",
        ),
    ),
    16: (
        "scanners and prefetches as page views",
        (
            "visitors/test_observation.py::test_a_page_view_is_a_document_that_somebody_navigated_to",
            f"{MIDDLEWARE}::test_what_is_no_page_view_is_counted_by_its_reason",
        ),
    ),
    17: (
        "three definitions of bounce",
        (
            "visitors/recording/test_totals.py::test_a_bounce_is_one_page_view_and_no_act",
            "visitors/recording/test_summary.py::test_human_figures_count_people_that_saw_a_page_or_acted",
        ),
    ),
    18: (
        "acts counted wrongly",
        (
            f"{MIDDLEWARE}::test_an_act_is_recorded_when_its_request_succeeded",
            "portfolio/test_conversations.py::test_chat_start_is_recorded_once_and_each_question_as_a_message",
            "portfolio/test_conversations.py::test_a_get_of_the_history_is_no_chat",
            "portfolio/test_conversations.py::test_a_refused_question_is_not_recorded",
            "portfolio/test_forms.py::test_a_job_analysis_is_shown_kept_and_recorded_once",
            "portfolio/test_forms.py::test_a_contact_message_is_kept_and_told_without_the_address",
            "portfolio/test_resume.py::test_a_download_is_recorded_and_a_head_is_not",
        ),
    ),
    19: (
        "500 for malformed input",
        (
            f"{VIEWS}::test_days_that_are_no_number_of_days_are_refused_by_name",
            "security/test_input.py::test_a_hostile_body_is_refused_and_said_so",
        ),
    ),
    20: (
        "a cached view that fails the second time",
        (
            "visitors/test_caching.py::test_the_second_answer_is_the_first_one_without_asking_the_facts",
            "visitors/test_caching.py::test_each_question_has_an_answer_of_its_own",
            "visitors/test_caching.py::test_a_cache_that_is_away_costs_the_answer_nothing",
        ),
    ),
    21: (
        "one poison row that fails its batch",
        (
            "visitors/recording/test_recorder.py::test_one_poison_row_in_a_batch_of_500_is_set_aside_and_the_rest_stored",
        ),
    ),
    22: (
        "visits cut at the hour and by salts",
        (
            "visitors/recording/test_summary.py::test_a_full_hour_does_not_cut_a_visit",
            "visitors/recording/test_sessions.py::test_midnight_does_not_end_a_visit",
        ),
    ),
    23: (
        "visitors of a month by distinct address",
        ("visitors/reports/test_overview.py::test_visitors_of_several_days_are_the_sum_of_days",),
    ),
    24: (
        "tokens and addresses stored",
        (
            "visitors/test_observation.py::test_of_the_query_only_campaign_fields_are_kept",
            "detection/test_sources.py::test_a_referrer_is_kept_without_credentials_query_addresses_and_tokens",
        ),
    ),
    25: (
        "+100 % from one to two",
        (
            "visitors/dashboard/test_pages.py::test_a_change_from_one_to_three_is_told_in_visitors_not_in_percent",
            "visitors/dashboard/test_question.py::test_a_running_period_is_compared_up_to_the_same_time",
        ),
    ),
    26: (
        "browsers and bots mistaken",
        (
            "detection/test_user_agents.py::test_a_user_agent_names_device_browser_and_system",
            "detection/test_bots.py::test_people_whom_the_public_lists_mistake_stay_people",
        ),
    ),
    27: (
        "everybody from github.com a recruiter",
        (
            "detection/test_recruiters.py::test_a_visitor_from_github_is_no_recruiter_for_that",
            "detection/test_recruiters.py::test_bots_owner_and_prefetches_get_no_score",
        ),
    ),
    28: (
        "ai found in maintain",
        ("portfolio/test_lexicon.py::test_java_is_not_found_in_javascript_nor_ai_in_maintain",),
    ),
    29: (
        "another visitor's analysis",
        (f"{GUARD}::test_known_defect_29_each_visitor_reads_the_analysis_of_his_own_job",),
    ),
    30: (
        "a clone that does not start",
        (
            "test_house.py::test_no_file_of_the_project_is_ignored_by_git",
            "test_known_defects.py::test_every_migration_is_in_the_repository",
        ),
    ),
    31: (
        "many queries, no index",
        (
            f"{VIEWS}::test_an_answer_costs_at_most_thirteen_queries_at_any_size",
            "test_known_defects.py::test_every_table_of_facts_has_an_index_that_begins_with_its_time",
        ),
    ),
    32: ("logins in a cache that forgets", (f"{GUARD}::test_known_defect_32_logins_are_not_in_a_cache_that_forgets",)),
    33: ("dead settings that look like protection", ("test_known_defects.py::test_every_setting_is_read_by_somebody",)),
}
# Settings of packages, which Django does not know: who reads them.
OTHERS = {
    "ROOT_URLCONF": "django.core.handlers",
    "MAILERS": "django.core.mail",  # of Django 6.1, which has no default for it
    "REST_FRAMEWORK": "rest_framework",
    "SPECTACULAR_SETTINGS": "drf_spectacular",
    "VISITORS": "visitors",
    "WHITENOISE_USE_FINDERS": "whitenoise",
    "WHITENOISE_AUTOREFRESH": "whitenoise",
}
# Names in the settings file that are its own intermediate values.
OWN = {"BASE_DIR", "VAR_DIR", "DATABASE_URL", "REDIS_URL", "PORTS"}


@cache
def functions_of(path: str) -> dict[str, ast.FunctionDef]:
    tree = ast.parse((ROOT / "tests" / path).read_text())
    return {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_all_thirty_three_are_listed() -> None:
    assert list(DEFECTS) == list(range(1, 34))


@pytest.mark.parametrize("number", DEFECTS)
def test_a_known_defect_has_tests_that_run(number: int) -> None:
    _, names = DEFECTS[number]
    for name in names:
        path, _, function = name.partition("::")
        found = functions_of(path).get(function)
        assert found is not None, name
        marks = " ".join(ast.unparse(mark) for mark in found.decorator_list)
        assert not re.search(r"\b(skip|skipif|xfail)\b", marks), name
        assert found.body, name


def test_no_time_on_page_is_the_servers() -> None:
    """No clock runs around the view: nothing between request and response could be taken for reading."""
    for name in ("middleware.py", "observer.py", "observation.py"):
        assert not re.search(r"perf_counter|process_time|monotonic\(", (ROOT / "visitors" / name).read_text())


@pytest.mark.django_db
def test_every_migration_is_in_the_repository() -> None:
    from django.core.management import call_command

    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
    assert (ROOT / "visitors/migrations/0001_initial.py").exists()


def test_every_table_of_facts_has_an_index_that_begins_with_its_time() -> None:
    from visitors.models import PageView, VisitorInteraction, VisitorSession

    for model, times in (
        (VisitorSession, {"started_at", "-started_at", "day", "last_activity_at"}),
        (PageView, {"viewed_at", "day"}),
        (VisitorInteraction, {"occurred_at", "day"}),
    ):
        leading = {index.fields[0] for index in model._meta.indexes if index.fields}
        assert leading & times, model.__name__


def test_every_setting_is_read_by_somebody() -> None:
    from config import settings as module

    given = {name for name in vars(module) if name.isupper()} - OWN
    dead = {name for name in given if not hasattr(global_settings, name) and name not in OTHERS}
    assert dead == set()
    assert set(site.STORAGES) == {"default", "staticfiles"}
    protecting = {
        "config.headers.HeadersMiddleware",
        "django.middleware.security.SecurityMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    }
    assert protecting <= set(site.MIDDLEWARE)
