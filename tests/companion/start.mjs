// Uppy Companion as it is, on a loopback port that the system chooses: its own program listens on every interface.
// With KEYS=file-id its getKey goes by the metadata, as docs/companion.md advises; else keys are Companion's own, random ones.
import * as companion from '@uppy/companion'
import standalone from '@uppy/companion/standalone'
import express from 'express'

const { env } = process

function withKeys() {
  const app = express()
  const options = {
    server: { host: '127.0.0.1', protocol: 'http' },
    filePath: env.COMPANION_DATADIR,
    secret: env.COMPANION_SECRET,
    corsOrigins: true,
    uploadUrls: [env.COMPANION_AWS_ENDPOINT],
    providerOptions: {},
    s3: {
      key: env.COMPANION_AWS_KEY,
      secret: env.COMPANION_AWS_SECRET,
      bucket: env.COMPANION_AWS_BUCKET,
      region: env.COMPANION_AWS_REGION,
      endpoint: env.COMPANION_AWS_ENDPOINT,
      forcePathStyle: true,
      expires: 800,
      getKey: ({ filename, metadata }) => `photos/${metadata['offload-file-id'] ?? crypto.randomUUID()}/${filename}`,
    },
  }
  app.use(companion.app(options).app)
  return app
}

const app = env.KEYS === 'file-id' ? withKeys() : standalone().app
const server = app.listen(Number(env.PORT ?? 0), '127.0.0.1', () => console.log(`port ${server.address().port}`))
