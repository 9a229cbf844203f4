"""Production on AWS as code: stacks, alarms, image, release."""
