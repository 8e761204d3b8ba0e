import type { Metrics } from './metrics.ts'
import type { MetricsAddress } from './metrics-address.ts'

export interface MetricsSettings {
  readonly metricsAddress: MetricsAddress | undefined
  readonly metricsTokens: readonly string[]
}

/** Loaded only where somebody can read them, because its library takes as long as a tenth of the start. */
export async function openMetrics(settings: MetricsSettings): Promise<Metrics | undefined> {
  if (!settings.metricsAddress && settings.metricsTokens.length === 0) return undefined
  const { Metrics } = await import('./metrics.ts')
  return new Metrics()
}
