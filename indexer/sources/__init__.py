"""The corpus folder -> press releases. Each layer imports only those below it (see `pyproject.toml`):

`corpus`       the files of the folder, and what belongs to each
`sandbox`      a worker process that parses one file at a time
`parsing`      one file -> its press releases
`extraction`   a document, text or record -> a press release
`formats`      the bytes of a file format -> a document
`recognizers`  what a line or a phrase of a release is
`problems`     why a file could not be read
"""
