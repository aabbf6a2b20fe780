// Where edits wait until the server has them: IndexedDB, so that a reload or a crash loses nothing, or memory where
// the browser allows no storage. Rows are keyed by (assessment, writer epoch, sequence number).
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { Batch } from "./contract";

export interface Outbox {
  /** False when the rows will not survive a reload. */
  readonly lasting: boolean;
  put(batch: Batch): Promise<void>;
  /** Everything that waits, in the order in which it was written. */
  all(): Promise<Batch[]>;
  /** Forget the batches of an epoch up to a sequence number. */
  drop(epoch: number, upTo: number): Promise<void>;
  clear(): Promise<void>;
  close(): void;
}

interface Schema extends DBSchema {
  batches: { key: [assessment: string, epoch: number, seq: number]; value: Batch };
}

const byTime = (a: Batch, b: Batch) => a.writer_epoch - b.writer_epoch || a.client_seq - b.client_seq;

export async function openOutbox(assessment: string): Promise<Outbox> {
  try {
    const db = await openDB<Schema>("tali", 1, {
      upgrade: (fresh) => void fresh.createObjectStore("batches"),
    });
    return new StoredOutbox(db, assessment);
  } catch {
    return new MemoryOutbox();
  }
}

class StoredOutbox implements Outbox {
  readonly lasting = true;

  constructor(
    private readonly db: IDBPDatabase<Schema>,
    private readonly assessment: string,
  ) {}

  async put(batch: Batch): Promise<void> {
    await this.db.put("batches", batch, [this.assessment, batch.writer_epoch, batch.client_seq]);
  }

  async all(): Promise<Batch[]> {
    return (await this.db.getAll("batches", this.#range(0, Number.MAX_SAFE_INTEGER))).sort(byTime);
  }

  async drop(epoch: number, upTo: number): Promise<void> {
    const keys = IDBKeyRange.bound([this.assessment, epoch, 0], [this.assessment, epoch, upTo]);
    await this.db.delete("batches", keys);
  }

  async clear(): Promise<void> {
    await this.db.delete("batches", this.#range(0, Number.MAX_SAFE_INTEGER));
  }

  close(): void {
    this.db.close();
  }

  #range(from: number, to: number): IDBKeyRange {
    return IDBKeyRange.bound([this.assessment, from, 0], [this.assessment, to, Number.MAX_SAFE_INTEGER]);
  }
}

export class MemoryOutbox implements Outbox {
  readonly lasting = false;
  #batches: Batch[] = [];

  async put(batch: Batch): Promise<void> {
    this.#batches.push(batch);
  }

  async all(): Promise<Batch[]> {
    return [...this.#batches].sort(byTime);
  }

  async drop(epoch: number, upTo: number): Promise<void> {
    this.#batches = this.#batches.filter((batch) => batch.writer_epoch !== epoch || batch.client_seq > upTo);
  }

  async clear(): Promise<void> {
    this.#batches = [];
  }

  close(): void {}
}
