export * from '@simplewebauthn/server'
export * from '@simplewebauthn/server/helpers'
