import { createRequire } from 'node:module'
import type { FastifyServerOptions } from 'fastify'
import { once } from '../primitives/once.ts'

type SchemaController = NonNullable<FastifyServerOptions['schemaController']>
type Factories = Required<NonNullable<SchemaController['compilersFactory']>>
type Serialize = ReturnType<ReturnType<Factories['buildSerializer']>>

/** Fastify's own, of the version that it has. */
const fastifys = once(() => {
  const load = createRequire(import.meta.resolve('fastify'))
  const buildValidator: Factories['buildValidator'] = load('@fastify/ajv-compiler')()
  const buildSerializer: Factories['buildSerializer'] = load(
    '@fastify/fast-json-stringify-compiler'
  ).SerializerSelector()
  return { buildValidator, buildSerializer }
})

/** By shared schemas, options and schema: all apps of a process have the same. */
const serializers = new Map<string, Serialize>()

/**
 * Fastify's compilers of schemas, loaded and used when a route first needs one: at the start they would be a fifth of
 * it.
 */
export const schemaController: SchemaController = {
  compilersFactory: {
    // Called for routes outside of plugins/pages/validation.ts: there are none in the service.
    buildValidator: (...words: unknown[]) => Reflect.apply(fastifys().buildValidator, undefined, words),
    buildSerializer(shared, options) {
      const compile = once(() => fastifys().buildSerializer(shared, options))
      return (route) => {
        const serializer = once(() => {
          const key = JSON.stringify([shared, options, route.schema])
          const serialize = serializers.get(key) ?? compile()(route)
          serializers.set(key, serialize)
          return serialize
        })
        return (data) => serializer()(data)
      }
    }
  }
}
