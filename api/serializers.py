"""The shapes of the site's JSON: what is sent, what is asked for, and the one shape of an error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.datastructures import MultiValueDict
from rest_framework import serializers

from portfolio.forms import MAX_QUESTION
from portfolio.jobs.scoring import MatchLevel
from portfolio.models import ContactMessage, Message, Project
from visitors.schema_rules import NOT_BLANK, says


class TypedSerializer(serializers.Serializer[Any]):
    """Takes text for text: the framework would store the number 7 as "7", which the schema does not allow."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            texts = [name for name, field in self.fields.items() if isinstance(field, serializers.CharField)]
            wrong = [name for name in texts if not isinstance(data.get(name), str | None)]
            if wrong:
                raise serializers.ValidationError({name: ["Not a valid string."] for name in wrong}, "invalid")
        return super().to_internal_value(data)


class ProjectSerializer(serializers.ModelSerializer[Project]):
    url = serializers.CharField(source="get_absolute_url", read_only=True, help_text="The project's page.")
    tech_stack = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = Project
        fields = ("title", "slug", "url", "summary", "tech_stack", "year", "featured")
        read_only_fields = fields


class ProjectDetailSerializer(ProjectSerializer):
    highlights = serializers.SerializerMethodField()
    source_url = serializers.CharField(read_only=True, help_text='An address, or "".')
    demo_url = serializers.CharField(read_only=True, help_text='An address, or "".')

    class Meta:
        model = Project
        fields = (*ProjectSerializer.Meta.fields, "description", "highlights", "role", "source_url", "demo_url")
        read_only_fields = fields

    def get_highlights(self, project: Project) -> list[str]:
        return [line.strip() for line in project.highlights.splitlines() if line.strip()]


@says({"properties": {"question": {"pattern": NOT_BLANK}, "project": {"minLength": 0}}})
class QuestionSerializer(TypedSerializer):
    question = serializers.CharField(max_length=MAX_QUESTION)
    project = serializers.SlugRelatedField(
        queryset=Project.objects.all(),
        slug_field="slug",
        required=False,
        allow_null=True,
        help_text="Slug of the project that the question is about.",
    )


class SourceSerializer(serializers.Serializer[Any]):
    title = serializers.CharField(source="source_title")
    url = serializers.CharField(source="source_url")


class AnswerSerializer(serializers.ModelSerializer[Message]):
    """`source` is the page that says so, or the contact form when the site does not say."""

    # A field's own `source` has the same name in the base class.
    source = SourceSerializer(source="*", read_only=True)  # type: ignore[assignment]

    class Meta:
        model = Message
        fields = ("question", "answer", "topic", "is_answered", "source", "asked_at")
        read_only_fields = fields


@says({"properties": {"job_requirements": {"pattern": NOT_BLANK}}})
class JobTextSerializer(TypedSerializer):
    job_requirements = serializers.CharField(trim_whitespace=False, help_text="At most 256 KB of text.")


# At least one of them; makers of clients take `anyOf` for several shapes. A text field that is left empty is not given.
@says(
    {
        "not": {"allOf": [{"not": {"required": [name]}} for name in ("file", "job_requirements")]},
        "properties": {"job_requirements": {"minLength": 0}},
    }
)
class JobFileSerializer(serializers.Serializer[Any]):
    """One of the two; the file wins. Each is given once: of several the last one would count."""

    file = serializers.FileField(required=False, allow_empty_file=True, help_text="Text or PDF, at most 5 MB.")
    job_requirements = serializers.CharField(required=False, trim_whitespace=False)

    def to_internal_value(self, data: Any) -> Any:
        lists = data.lists() if isinstance(data, MultiValueDict) else ()
        twice = [name for name, values in lists if name in self.fields and len(values) > 1]
        if twice:
            raise serializers.ValidationError({name: ["It must be given once."] for name in twice}, "repeated")
        return super().to_internal_value(data)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "file" not in attrs and "job_requirements" not in attrs:
            raise serializers.ValidationError(
                {"job_requirements": "`job_requirements` or `file` is required."}, "required"
            )
        return attrs


class JobSerializer(serializers.Serializer[Any]):
    title = serializers.CharField(allow_blank=True)
    skills_found = serializers.IntegerField()
    years_required = serializers.IntegerField(allow_null=True)
    education_required = serializers.CharField(allow_null=True)


class MatchScoresSerializer(serializers.Serializer[Any]):
    """Percent, 0-100: overall = 0.5 skills + 0.3 experience + 0.2 education."""

    overall = serializers.IntegerField()
    skills = serializers.IntegerField()
    experience = serializers.IntegerField()
    education = serializers.IntegerField()


class MissingSkillSerializer(serializers.Serializer[Any]):
    skill = serializers.CharField()
    importance = serializers.ChoiceField(choices=["must", "nice"])
    years_required = serializers.IntegerField(allow_null=True)
    evidence = serializers.CharField(help_text="The sentence of the job description that asks for it.")


class ProjectLinkSerializer(serializers.Serializer[Any]):
    title = serializers.CharField()
    url = serializers.CharField()


class MatchedSkillSerializer(MissingSkillSerializer):
    years = serializers.FloatField(allow_null=True)
    level = serializers.CharField(allow_blank=True)
    projects = ProjectLinkSerializer(many=True)


class JobAnalysisSerializer(serializers.Serializer[Any]):
    """`match_scores` is null and `match_level` "insufficient" when fewer than three skills were found."""

    job = JobSerializer()
    match_scores = MatchScoresSerializer(allow_null=True)
    match_level = serializers.ChoiceField(choices=[level.value for level in MatchLevel])
    matched_skills = MatchedSkillSerializer(many=True)
    missing_skills = MissingSkillSerializer(many=True)
    recommendations = serializers.ListField(child=serializers.CharField())


@says({"properties": {name: {"pattern": NOT_BLANK} for name in ("name", "message")}})
class ContactSerializer(TypedSerializer, serializers.ModelSerializer[ContactMessage]):
    class Meta:
        model = ContactMessage
        fields = ("name", "email", "company", "message")


class ReceivedSerializer(serializers.Serializer[Any]):
    received_at = serializers.DateTimeField()


class FieldFaultSerializer(serializers.Serializer[Any]):
    parameter = serializers.CharField(allow_null=True)
    code = serializers.CharField()
    message = serializers.CharField()


class RefusalSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField(help_text="Name, requirement, what came.")
    parameter = serializers.CharField(allow_null=True)
    # A serializer's own `errors` has the same name in the base class.
    errors = FieldFaultSerializer(many=True)  # type: ignore[assignment]


class RefusalAnswerSerializer(serializers.Serializer[Any]):
    """The one shape of every error."""

    error = RefusalSerializer()
