export interface TestCounts {
  passed: number;
  failed: number;
  skipped: number;
}
export function clearResults(root: string): void;
export function countJest(text: string): TestCounts;
export function countJunit(text: string): TestCounts;
export function sumResults(root: string, names: readonly string[]): TestCounts;
