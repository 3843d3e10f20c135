// Shapes of the API's answers that the page reads; the whole of them is GET /v1/openapi.json.
export interface Part { what: string; value: number; parts?: Part[] }
export interface Note { stage: string; reason: string; effect: number }
export interface Listed { item: string; text: string; score: number; because: string; parts?: Part[]; notes: Note[] }
export interface List { user: string; request: string; snapshot: string; items: Listed[]; notes?: Note[]; cursor?: string | null }
export interface Why {
  user: string; item: string; text: string; snapshot: string; in_list: boolean; place: number | null; barred?: Note; sentence: string;
  score: number | null; score_to_enter: number | null; parts: Part[]; notes: Note[]; would_change: string[]; is_exact: boolean;
}
export interface Item { item: string; text: string; attributes: Record<string, unknown>; created_ms: number | null; hidden: boolean; takers?: number }
export interface User { user: string; known: boolean; text: string; attributes: Record<string, unknown>; created_ms: number | null; events: number; first_ms: number | null; last_ms: number | null }
export interface UserEvent { sequence: number; item: string; text: string; type: string; value: number | null; time_ms: number; session: string; request: string }
export interface Names { users: string[]; items: { item: string; text: string }[] }
export interface Health { status: 'ready' | 'draining' | 'unavailable'; snapshot: string; events?: number; users?: number; items?: number; sequence?: number; checks: Record<string, string> }
export interface Series { step_s: number; from_ms: number; requests: number[]; refused: number[]; errors: number[]; events: number[]; lists: number[]; p50_ms: (number | null)[]; p99_ms: (number | null)[] }
export interface Session { name: string; role: Role; by: 'session' | 'key' | 'open door' | 'nobody'; csrf?: string; ends_ms?: number }
export type Role = 'none' | 'read' | 'write' | 'admin';
export interface Job {
  job: string; kind: string; why: string; state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled'; asked_ms: number | null; began_ms: number | null; ended_ms: number | null;
  progress: { doing: string; done: number; total: number }; snapshot: string; message: string; notes: string[];
}
export interface Jobs { jobs: Job[]; events_since_fit: number; refit: { every_minutes: number; after_events: number; after_share: number } }
export interface SnapshotLine { snapshot: string; in_service: boolean; pinned: boolean; state: 'sealed' | 'damaged'; until: number | null; items: number | null; models: string[] }
export interface Snapshots { in_service: string; pinned: string; snapshots: SnapshotLine[] }
export interface Doctor {
  checked_ms: number; is_deep: boolean; snapshot: string; snapshots_bytes: number; events_since_fit: number; disk_free_bytes: number | null;
  store: { events: number; users: number; items: number; exposures: number; rejections: number; imports: number; size_bytes: number; first_ms: number | null; last_ms: number | null };
  problems: { severity: 'bad' | 'warm' | 'note'; code: string; what: string; count: number }[];
  rejections: { reason: string; rows: number }[]; rejected_rows: { file: string; line: number; reason: string; text: string }[];
  memory: { what: string; bytes: number; how: string }[]; memory_budget_bytes: number; machine: { cores: number; threads: number; kernels: string; blas: string };
}
export interface Page<T> { total: number; cursor: string | null; users?: string[]; items?: T[] }
export interface MapPoints { state: 'ready' | 'making' | 'no_vectors' | 'failed'; snapshot: string; problem?: string; x: number[]; y: number[]; takers: number[]; regions: { label: string; x: number; y: number; count: number }[] }
export interface MapItem { at: number; item: string; text: string; takers: number }
