export * from 'connect-redis'
