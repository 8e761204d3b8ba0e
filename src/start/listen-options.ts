import { existsSync } from 'node:fs'
import isDocker from 'is-docker'

/**
 * Where the service listens: at PORT, or 3000; at FASTIFY_ADDRESS, in a container at every address, else at localhost. Only
 * spaces count as not set, as everywhere.
 */
export function listenOptions({
  PORT = '',
  FASTIFY_ADDRESS = '',
  KUBERNETES_SERVICE_HOST
}: Readonly<Record<string, string | undefined>>): {
  port: number
  host?: string
} {
  const port = Number(PORT.trim() || 3000)
  if (FASTIFY_ADDRESS.trim() !== '') return { port, host: FASTIFY_ADDRESS.trim() }
  const isInKubernetes =
    KUBERNETES_SERVICE_HOST || existsSync('/run/secrets/kubernetes.io/serviceaccount/token')
  return isInKubernetes || isDocker() ? { port, host: '0.0.0.0' } : { port }
}
