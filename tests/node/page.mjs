// node --import ./tests/node/page.mjs: lets Node load the modules of the pages as browsers do.
import { register } from 'node:module';

register('./modules.mjs', import.meta.url);
