// Brings edits that an earlier page could not deliver to the server, before this page starts to write.
import { ApiError, type Send } from "./api";
import type { Batch, Edit, Saved, WorkspaceState } from "./contract";
import type { Outbox } from "./outbox";

const BATCHES_PER_REQUEST = 20;

/**
 * Deliver what still waits under the epoch it was written in: numbers that the server already has are harmless, so
 * this is exactly once however often it is interrupted. Resolves false where that epoch is no longer the writer's.
 */
export async function deliverLeftovers(send: Send, outbox: Outbox, epoch: number): Promise<boolean> {
  const waiting = (await outbox.all()).filter((batch) => batch.writer_epoch === epoch);
  for (let first = 0; first < waiting.length; first += BATCHES_PER_REQUEST) {
    const batches = waiting.slice(first, first + BATCHES_PER_REQUEST);
    try {
      const response = await send("POST", "/session/workspace", { body: { batches } });
      const saved = (await response.json()) as Saved;
      await outbox.drop(epoch, saved.accepted_seq);
    } catch (error) {
      if (error instanceof ApiError && (error.status === 409 || error.status === 422)) return false;
      throw error;
    }
  }
  return true;
}

/**
 * What of an older epoch can follow on the workspace that the server has now. Since nobody else wrote in between,
 * a batch whose base is the present hash continues it, and so do all that come after it. The last match wins: where
 * the same text came up twice, the edits in between led back to it.
 */
export function rebase(waiting: Batch[], current: WorkspaceState): Edit[] {
  const start = waiting.findLastIndex((batch) => batch.base_hash === current.hash);
  if (start < 0) return [];
  const chain = waiting.slice(start);
  for (let i = 1; i < chain.length; i++) {
    if (chain[i]?.base_hash !== chain[i - 1]?.result_hash) return [];
  }
  return chain.flatMap((batch) => batch.edits);
}
