import fp from 'fastify-plugin'
import { services } from '../../src/open-services.ts'
import type { MetricsServer } from '../../src/server/metrics-server.ts'
import { metricsNotes } from '../../src/settings/boot-warnings.ts'

/** Serves metrics at METRICS_LISTEN, and logs where they are served when the service starts. */
export default fp(
  async (app) => {
    const { config, metrics } = app[services]
    const { metricsAddress, metricsTokens } = config
    let server: MetricsServer | undefined

    app.addHook('onReady', async () => {
      if (metricsAddress && metrics) {
        const { openMetricsServer } = await import('../../src/server/metrics-server.ts')
        server = await openMetricsServer(metricsAddress, metrics)
      }
      const { info, warning } = metricsNotes({ address: server?.address, metricsTokens })
      app.log.info(info)
      if (warning) app.log.warn(warning)
    })
    app.addHook('onClose', () => server?.close())
  },
  { name: 'latchkey-metrics-listener' }
)
