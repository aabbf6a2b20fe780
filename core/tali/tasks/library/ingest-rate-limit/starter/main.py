"""Sends a burst of batches through the service, so that the limit can be watched at work."""

from ingest import BatchTooLarge, IngestService, Limit, Limits, RateLimited


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def main():
    clock = Clock()
    service = IngestService(limits=Limits(Limit(burst=20, per_second=4.0)), clock=clock)
    batch = [f"2026-03-02T08:00:{second:02}Z INFO checkout order placed" for second in range(8)]
    for step in range(12):
        try:
            receipt = service.submit("build-17", batch)
            print(f"t={clock.now:4.1f}  accepted {receipt.accepted}")
        except RateLimited as error:
            print(f"t={clock.now:4.1f}  limited, retry after {error.retry_after:.2f} s")
        except BatchTooLarge as error:
            print(f"t={clock.now:4.1f}  too large: {error}")
        clock.now += 0.5
    print("stored:", service.store.count(), "lines; tracked clients:", service.tracked_clients())


if __name__ == "__main__":
    main()
