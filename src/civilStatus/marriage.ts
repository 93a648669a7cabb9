import type { Procedure } from '../applications/procedure.js'
import { answerAt } from '../catalogue/forms/answers.rules.js'
import { birthday } from '../identity/mandates/powers.rules.js'
import { marriageAge } from '../identity/parties/ages.js'
import { invalid } from '../shared/userErrors.js'

export const marriage: Procedure = {
  services: ['ED-MARRIAGE'],
  check: ({ answers }, { today }) =>
    ['applicant', 'spouse'].flatMap((spouse) => {
      const bornOn = answerAt(answers, `/${spouse}/birthDate`)
      const isTooYoung = typeof bornOn === 'string' && today < birthday(bornOn, marriageAge)
      return [
        ...(answerAt(answers, `/${spouse}/before`) === 'MARRIED'
          ? [invalid('marriage.married', ['answers', spouse, 'before'])]
          : []),
        ...(isTooYoung ? [invalid('marriage.age', ['answers', spouse, 'birthDate'], { years: marriageAge })] : []),
      ]
    }),
}
