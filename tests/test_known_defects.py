"""What went wrong in comparable systems, each with the tests that keep it out of this one."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
GUARD, HOUSE = "visitors/security/test_known_defects.py", "security/test_known_defects.py"
VIEWS, MIDDLEWARE, SECURITY = "visitors/test_views.py", "visitors/test_middleware.py", "security"

DEFECTS: dict[int, tuple[str, tuple[str, ...]]] = {
    1: (
        "production settings that never load",
        (
            "config/test_settings.py::test_production_is_production",
            "config/test_settings.py::test_every_app_path_is_imported_from_one_settings_file",
            f"{HOUSE}::test_known_defect_01_no_answer_to_the_owner_is_open_to_other_sites",
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
            "security/test_input.py::test_a_header_of_many_hops_costs_little_and_breaks_nothing",
        ),
    ),
    6: (
        "known passwords and keys",
        (
            "config/test_settings.py::test_no_secret_key_stands_in_the_code",
            "security/test_supply.py::test_no_secret_is_in_the_repository",
            "portfolio/demo/test_command.py::test_an_empty_site_gets_content_visits_an_owner_and_a_working_token",
            f"{HOUSE}::test_known_defect_06_two_sites_have_two_passwords",
            f"{HOUSE}::test_known_defect_06_no_file_publishes_a_port_of_a_store",
        ),
    ),
    7: (
        "view-only staff that wipes data",
        (
            f"{GUARD}::test_known_defect_07_staff_that_may_look_wipes_nothing_by_admin_actions",
            "visitors/security/test_matrix.py::test_known_defect_07_staff_that_may_look_changes_nothing_by_api",
        ),
    ),
    8: ("a visitor told what he is taken for", (f"{GUARD}::test_known_defect_08_nobody_is_told_what_he_is_taken_for",)),
    9: (
        "readiness that blocks and leaks",
        (
            f"{GUARD}::test_known_defect_09_readiness_tells_no_error",
            "api/test_health.py::test_a_hung_cache_degrades_it_within_the_time_out",
        ),
    ),
    10: (
        "visits lost on odd input",
        (
            f"{MIDDLEWARE}::test_whatever_a_request_holds_its_page_view_is_stored",
            "security/test_input.py::test_a_hostile_header_breaks_no_page",
            "security/test_input.py::test_an_odd_referrer_is_reduced_or_forgotten",
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
        (
            "visitors/recording/test_summary.py::test_pages_at_the_same_moment_from_two_processes_count_as_two",
            f"{HOUSE}::test_known_defect_13_requests_at_once_are_recorded_each",
            "faults/test_machines.py::test_two_machines_record_each_view_once_and_each_visit_whole",
        ),
    ),
    14: (
        "a row and a cookie for each request",
        (
            f"{GUARD}::test_known_defect_14_a_loop_without_cookies_makes_one_visit_and_sets_none",
            f"{GUARD}::test_known_defect_14_a_loop_that_throws_cookies_away_makes_no_login_rows",
            "visitors/recording/test_flood.py::test_no_more_visits_begin_in_a_minute_than_the_cap",
        ),
    ),
    15: (
        "server time taken for time on page",
        (
            f"{HOUSE}::test_known_defect_15_a_slow_answer_is_no_time_on_page",
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
            "visitors/reports/test_overview.py::test_totals_count_people_and_the_bots_apart",
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
            "api/test_parsers.py::test_a_broken_body_is_refused_by_name",
            f"{HOUSE}::test_known_defect_19_half_a_pair_in_a_question_is_refused_not_lost",
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
            "visitors/recording/test_summary.py::test_a_visit_over_midnight_is_one_and_belongs_to_the_day_that_it_began",
            "visitors/test_identity.py::test_just_after_midnight_a_visitor_is_known_by_yesterdays_id_too",
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
            f"{MIDDLEWARE}::test_an_act_is_recorded_when_its_request_succeeded",
            "visitors/privacy/test_error_reports.py::test_a_log_line_about_an_error_tells_the_code_and_nothing_of_the_visitor",
            "visitors/privacy/test_canary.py::test_nothing_of_a_visitor_lies_anywhere",
            "security/test_sockets.py::test_the_log_of_the_server_tells_what_was_wrong_and_not_with_whom",
        ),
    ),
    25: (
        "+100 % from one to two",
        (
            "visitors/dashboard/test_pages.py::test_a_change_from_one_to_three_is_told_in_visitors_not_in_percent",
            "visitors/dashboard/test_question.py::test_a_running_period_is_compared_up_to_the_same_time",
            "visitors/reports/test_metrics.py::test_a_change_is_percent_of_the_base_and_points_for_a_rate",
            "visitors/reports/test_overview.py::test_an_empty_store_has_no_rates_and_no_change",
        ),
    ),
    26: (
        "browsers and bots mistaken",
        (
            "detection/test_user_agents.py::test_a_user_agent_names_device_browser_and_system",
            "detection/test_bots.py::test_people_whom_the_public_lists_mistake_stay_people",
            "detection/test_bots.py::test_a_bot_is_named_with_its_kind",
            "detection/test_recruiters.py::test_a_hiring_host_is_found_exactly_then_by_suffix_then_by_label",
        ),
    ),
    27: (
        "everybody from github.com a recruiter",
        (
            "detection/test_recruiters.py::test_a_visitor_from_github_is_no_recruiter_for_that",
            "detection/test_recruiters.py::test_bots_owner_and_prefetches_get_no_score",
            "detection/test_recruiters.py::test_one_visit_lands_in_its_band",
            "detection/test_recruiters.py::test_every_rule_on_a_host_is_a_host",
            f"{HOUSE}::test_known_defect_27_a_verdict_follows_what_a_visit_does_later",
        ),
    ),
    28: (
        "ai found in maintain",
        (
            "portfolio/test_lexicon.py::test_java_is_not_found_in_javascript_nor_ai_in_maintain",
            "portfolio/test_scoring.py::test_a_candidate_with_no_known_skill_is_a_poor_match_and_never_50",
        ),
    ),
    29: (
        "another visitor's analysis",
        (
            f"{GUARD}::test_known_defect_29_each_visitor_reads_the_analysis_of_his_own_job",
            f"{GUARD}::test_known_defect_29_no_visitor_reads_the_visit_or_the_chat_of_another",
        ),
    ),
    30: (
        "a clone that does not start",
        (
            "test_house.py::test_no_file_of_the_project_is_ignored_by_git",
            f"{HOUSE}::test_known_defect_30_a_fresh_copy_of_the_repository_starts",
        ),
    ),
    31: (
        "many queries, no index",
        (
            f"{VIEWS}::test_an_answer_costs_at_most_twelve_queries_at_any_size",
            f"{HOUSE}::test_known_defect_31_every_table_of_facts_has_an_index_that_begins_with_its_time",
            f"{HOUSE}::test_known_defect_31_a_request_parses_no_user_agent",
            "visitors/test_observation.py::test_a_title_is_found_within_the_first_bytes",
        ),
    ),
    32: (
        "logins in a cache that forgets",
        (
            f"{GUARD}::test_known_defect_32_logins_are_not_in_a_cache_that_forgets",
            f"{GUARD}::test_known_defect_32_a_fault_of_ours_reaches_the_monitoring_and_tells_the_client_nothing",
        ),
    ),
    33: (
        "dead settings that look like protection",
        (f"{HOUSE}::test_known_defect_33_every_setting_is_read_by_somebody",),
    ),
}


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
