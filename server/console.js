// What the console has beyond its pages, which all work without it.
'use strict'

const editor = document.querySelector('.editor')
if (editor) {
  const text = editor.querySelector('textarea')
  const note = document.createElement('p')
  const loaded = text.value
  let isSent = false
  note.className = 'problem'
  note.setAttribute('role', 'status')
  text.after(note)
  const check = () => {
    let problem = ''
    try {
      JSON.parse(text.value)
    } catch (error) {
      problem = error.message
    }
    note.textContent = problem
    text.setAttribute('aria-invalid', String(problem !== ''))
  }
  text.addEventListener('input', check)
  text.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) editor.requestSubmit()
  })
  editor.addEventListener('submit', () => { isSent = true })
  addEventListener('beforeunload', (event) => {
    if (!isSent && text.value !== loaded) event.preventDefault()
  })
}

// The second value is for `between` alone.
for (const condition of document.querySelectorAll('.condition')) {
  const operator = condition.querySelector('select')
  const upper = condition.querySelector('.upper')
  const show = () => { upper.hidden = operator.value !== 'between' }
  operator.addEventListener('change', show)
  show()
}
