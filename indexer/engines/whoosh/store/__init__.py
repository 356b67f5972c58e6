"""How segments stay whole: generations, durable and verified."""
