import 'reflect-metadata'
import {
  type ArgumentsHost,
  type CanActivate,
  Catch,
  Controller,
  type ExceptionFilter,
  type ExecutionContext,
  Get,
  Module,
  Req,
  UseGuards
} from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import type { FastifyReply, FastifyRequest } from 'fastify'
import latchkey, { LatchkeyError, type LatchkeyOptions } from 'latchkey'

/** Lets only signed-in users through. */
class SignedIn implements CanActivate {
  async canActivate(context: ExecutionContext): Promise<boolean> {
    await context.switchToHttp().getRequest<FastifyRequest>().requireUser()
    return true
  }
}

/** Latchkey answers its own errors: a browser goes to sign-in and comes back, any other client gets 401. */
@Catch(LatchkeyError)
class LatchkeyFilter implements ExceptionFilter<LatchkeyError> {
  catch(error: LatchkeyError, host: ArgumentsHost): void {
    host.switchToHttp().getResponse<FastifyReply>().send(error)
  }
}

@Controller('reports')
@UseGuards(SignedIn)
class Reports {
  @Get()
  async list(@Req() request: FastifyRequest) {
    const { name } = await request.requireUser()
    return { reportsOf: name }
  }
}

@Module({ controllers: [Reports] })
class AppModule {}

export async function reports(options: LatchkeyOptions = {}): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter(), {
    logger: ['error', 'warn']
  })
  await app.register(latchkey, { registration: 'open', home: '/reports', ...options })
  app.useGlobalFilters(new LatchkeyFilter())
  return app
}

if (import.meta.main) {
  const app = await reports()
  await app.listen(3000)
  console.log(`The reports are at ${await app.getUrl()}/reports`)
}
