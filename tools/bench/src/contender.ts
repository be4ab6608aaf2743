import type { CallOptions } from '@floe/core/time/call-options';
import type { GeneratedProject } from './project/generate-project.js';

/** A project to run, and a folder for whatever a contender needs of its own. */
export interface Assignment {
  readonly project: GeneratedProject;
  /** An empty folder of the contender. */
  readonly directory: string;
}

/** One whole run of a project. */
export interface RunMeasurement {
  /** From the launch to the end as the one who launched sees it. */
  readonly wallSeconds: number;
  /** From the orchestrator's own start to its own end; absent without an orchestrator. */
  readonly startedSeconds?: number;
  /** User and system time of all processes, the orchestrator's too. */
  readonly cpuSeconds: number;
  /** Resident memory of the processes that the run started, at its highest. */
  readonly peakBytes: number;
  /** Models that the run has reported as made; a run in which any is missing is no measurement. */
  readonly models: number;
  readonly tests: number;
  /** What the time went into, in order; seconds by name. */
  readonly phases?: Readonly<Record<string, number>>;
}

/** A way to run a dbt project. One file each; a new one is added to the list of its orchestrator. */
export interface Contender {
  readonly name: string;
  /** Others are compared with it. */
  readonly baseline?: boolean;
  /** Takes no part in larger projects. */
  readonly atMostModels?: number;
  /** Measured rounds of one that takes very long; it has no run that does not count. */
  readonly atMostRounds?: number;
  /** Everything that happens once: environments, parse, deployment. */
  prepare(assignment: Assignment, call: CallOptions): Promise<void>;
  /** One run from a cold start, with every model and test. Throws when anything of it failed. */
  runOnce(call: CallOptions): Promise<RunMeasurement>;
  /** Ends what `prepare` and `runOnce` started, also after they failed. */
  dispose(): Promise<void>;
}

/** One load of definitions in a fresh process. */
export interface LoadMeasurement {
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly peakBytes: number;
  /** Models that are shown, whatever the orchestrator calls them. */
  readonly assets: number;
  /** Tests; absent where the orchestrator has nothing for them. */
  readonly checks?: number;
}

/** A way to make an orchestrator know a dbt project. */
export interface LoadContender {
  readonly name: string;
  /** The least that the orchestrator itself costs. */
  readonly floor?: boolean;
  /** @param parsed folder of the project, with dbt's manifest in `target` */
  prepare(assignment: Assignment, parsed: string, call: CallOptions): Promise<void>;
  loadOnce(call: CallOptions): Promise<LoadMeasurement>;
}

/** What the bench knows of one orchestrator. */
export interface OrchestratorBench {
  /** Environments; once, before anything is measured. */
  prepare(call: CallOptions): Promise<void>;
  /** Python with dbt and without an orchestrator's integration, for the parse that all loads share. */
  readonly dbtPython: string;
  /** Names and versions for the description of the machine. */
  versions(call: CallOptions): Promise<Readonly<Record<string, string>>>;
  /** New contenders for one size; the first one is the baseline. */
  contenders(): readonly Contender[];
  loads(): readonly LoadContender[];
  /** What a load is here and what the floor is, for the page. */
  readonly loadMethod: string;
}
