"""Facets of OpenLineage as floe fills them: names, codes, counts and times."""

from __future__ import annotations

from typing import Final

import attr
from floe_runtime.observation import ObservedRun
from floe_runtime.observed_outcome import ObservedOutcome
from floe_runtime.plan import PlannedCheck
from floe_runtime.run_record import NodeResult
from openlineage.client.event_v2 import InputDataset, OutputDataset
from openlineage.client.facet_v2 import (
    JobFacet,
    RunFacet,
    data_quality_assertions_dataset,
    error_message_run,
    job_type_job,
    nominal_time_run,
    output_statistics_output_dataset,
    parent_run,
    processing_engine_run,
    schema_dataset,
    test_run,
)

from floe_observers.dataset_names import Relation, dataset_name
from floe_observers.settings import Columns

VERSION: Final = "0.1.0"
PRODUCER: Final = f"https://floe.dev/producer/{VERSION}"


@attr.define
class FloeRunFacet(RunFacet):
    """What floe knows of a run beyond the standard facets; open as the base schema is."""

    product: str
    environment: str
    runKey: str  # noqa: N815
    attempt: int | None = None
    reason: str | None = None
    """Code of an ABORT."""
    traceId: str | None = None  # noqa: N815
    """Of OpenTelemetry."""
    planned: int | None = None
    missing: int | None = None
    """Planned nodes that did not run."""

    @staticmethod
    def _get_schema() -> str:
        return "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunFacet"


def job_facets(kind: str) -> dict[str, JobFacet]:
    """`kind` is DAG, MODEL, SEED, SNAPSHOT, TEST or UNIT_TEST."""
    facet = job_type_job.JobTypeJobFacet(processingType="BATCH", integration="FLOE", jobType=kind, producer=PRODUCER)
    return {"jobType": facet}


def run_facets(run: ObservedRun) -> dict[str, RunFacet]:
    """What every run of a job carries."""
    context = run.context
    facets: dict[str, RunFacet] = {
        "processing_engine": processing_engine_run.ProcessingEngineRunFacet(
            version=context.platform_version or VERSION,
            name=context.platform,
            openlineageAdapterVersion=VERSION,
            producer=PRODUCER,
        )
    }
    if context.nominal_time is not None:
        facets["nominalTime"] = nominal_time_run.NominalTimeRunFacet(
            nominalStartTime=context.nominal_time, producer=PRODUCER
        )
    return facets


def parent_facet(namespace: str, name: str, run_id: str) -> parent_run.ParentRunFacet:
    """The run that a node belongs to, which is the root as well."""
    return parent_run.ParentRunFacet(
        run=parent_run.Run(runId=run_id),
        job=parent_run.Job(namespace=namespace, name=name),
        root=parent_run.Root(
            run=parent_run.RootRun(runId=run_id), job=parent_run.RootJob(namespace=namespace, name=name)
        ),
        producer=PRODUCER,
    )


def error_facet(outcome: ObservedOutcome, message: str | None) -> error_message_run.ErrorMessageRunFacet:
    """Code and a sentence; dbt's message only when it is given."""
    text = f"{outcome.code}: {outcome.text}" + (f": {message}" if message else "")
    return error_message_run.ErrorMessageRunFacet(message=text, programmingLanguage="SQL", producer=PRODUCER)


def input_dataset(namespace: str, relation: Relation) -> InputDataset:
    """A dataset that is read."""
    return InputDataset(namespace=namespace, name=dataset_name(relation))


def output_dataset(namespace: str, relation: Relation, columns: Columns, result: NodeResult | None) -> OutputDataset:
    """A dataset that is written; rows, none included, when the end tells them."""
    output = OutputDataset(namespace=namespace, name=dataset_name(relation))
    if columns:
        fields = [schema_dataset.SchemaDatasetFacetFields(name=name, type=kind) for name, kind in columns]
        output.facets = {"schema": schema_dataset.SchemaDatasetFacet(fields=fields, producer=PRODUCER)}
    if result is not None and result.rows is not None and result.rows >= 0:
        output.outputFacets = {
            "outputStatistics": output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(
                rowCount=result.rows, producer=PRODUCER
            )
        }
    return output


def assertions_facet(
    check: PlannedCheck, result: NodeResult
) -> data_quality_assertions_dataset.DataQualityAssertionsDatasetFacet | None:
    """The verdict of a test over its dataset; None when it did not come to one."""
    success = test_success(result)
    if success is None:
        return None
    assertion = data_quality_assertions_dataset.Assertion(
        assertion=check.name,
        success=success,
        column=check.column,
        severity=check.severity,
        name=check.name,
        actual=None if result.failures is None else str(result.failures),
        params=None,
    )
    return data_quality_assertions_dataset.DataQualityAssertionsDatasetFacet(assertions=[assertion], producer=PRODUCER)


def test_facet(check: PlannedCheck, result: NodeResult) -> test_run.TestRunFacet | None:
    """How a test went: `skip` for what was not carried out; None for what floe does not know."""
    success = test_success(result)
    if success is not None:
        status = "pass" if success else "fail"
    elif result.status in ("skipped", "cancelled"):
        status = "skip"
    else:
        return None
    execution = test_run.TestExecution(
        name=check.name, status=status, severity=check.severity, type=check.kind, params=None
    )
    return test_run.TestRunFacet(tests=[execution], producer=PRODUCER)


def test_success(result: NodeResult) -> bool | None:
    """True without findings, False with findings; None when the test was skipped, cut off, or could not run."""
    if result.status in ("succeeded", "warned"):
        return result.status == "succeeded"
    return False if result.status == "failed" and result.dbt_status == "fail" else None
