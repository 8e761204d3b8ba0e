export interface PostgresListener {
  /**
   * Called once each time PostgreSQL goes down, also if it is down from the start, and once it is known that it
   * refuses.
   * @param error a StoreRefusal: waiting does not mend it
   */
  onLost(error: Error): void
  onBack(): void
}
