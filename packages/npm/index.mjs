import dynamo from './index.cjs'

export const { getLoadablePath, load } = dynamo
