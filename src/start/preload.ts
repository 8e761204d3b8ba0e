// fastify-cli requires this before it starts the service: what has to be in force before anything else is loaded.
import './thread-pool.ts'
import './print-config-errors.ts'
