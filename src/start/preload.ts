// fastify-cli requires this before it starts the service.
import './thread-pool.ts'
import './print-config-errors.ts'
